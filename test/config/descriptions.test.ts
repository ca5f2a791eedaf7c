import { expect, test } from 'vitest';
import type { z } from 'zod';
import { clientVariables } from '../../src/config/client-config.js';
import { codecServerVariables } from '../../src/config/codec-server-config.js';
import { proxyFields } from '../../src/config/proxy-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { webhookVariables } from '../../src/config/webhook-config.js';
import { workerVariables } from '../../src/config/worker-config.js';

const variables = [
  workerVariables,
  webhookVariables,
  clientVariables,
  codecServerVariables,
  temporalVariables,
  proxyFields,
].flatMap(({ shape }) => Object.entries<z.ZodType>(shape));

test.each(variables)('%s has a description and a rule', (_name, schema) => {
  expect(schema.meta()).toMatchObject({
    description: expect.stringMatching(/^[A-Z].*\.$/s) as string,
    must: expect.stringMatching(/^must /) as string,
  });
});
