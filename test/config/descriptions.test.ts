import { expect, test } from 'vitest';
import type { z } from 'zod';
import { clientVariables } from '../../src/config/client-config.js';
import { codecServerVariables } from '../../src/config/codec-server-config.js';
import { proxyFields } from '../../src/config/proxy-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { tracingConfig } from '../../src/config/tracing-config.js';
import { webhookVariables } from '../../src/config/webhook-config.js';
import { workerVariables } from '../../src/config/worker-config.js';
import { redactText } from '../../src/observability/redact.js';

const variables = [
  workerVariables,
  webhookVariables,
  clientVariables,
  codecServerVariables,
  temporalVariables,
  proxyFields,
].flatMap(({ shape }) => Object.entries<z.ZodType>(shape));

test.each(variables)('the rule of %s is logged as it is', (_name, schema) => {
  const { must } = schema.meta() ?? {};
  expect(redactText(String(must))).toBe(must);
});

test("warnings about OpenTelemetry's variables are logged as they are", () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
  const { tracingWarnings = [] } = tracingConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TIMEOUT: '10s' });
  expect(tracingWarnings).toEqual([
    'tracing: OTEL_EXPORTER_OTLP_TIMEOUT is ignored: it must be a whole number from 1 to 2^31-1',
  ]);
  expect(redactText(tracingWarnings.join())).toBe(tracingWarnings.join());
});

test.each(variables)('%s has a description and a rule', (_name, schema) => {
  expect(schema.meta()).toMatchObject({
    description: expect.stringMatching(/^[A-Z].*\.$/s) as string,
    must: expect.stringMatching(/^must /) as string,
  });
});
