import { expect, test } from 'vitest';
import { clientVariables } from '../../src/config/client-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { webhookVariables } from '../../src/config/webhook-config.js';
import { workerVariables } from '../../src/config/worker-config.js';

const variables = [workerVariables, webhookVariables, clientVariables, temporalVariables].flatMap((schema) =>
  Object.entries(schema.shape),
);

test.each(variables)('%s says what it is for and what it must be', (_name, schema) => {
  expect(schema.meta()).toMatchObject({
    description: expect.stringMatching(/^[A-Z].*\.$/s) as string,
    must: expect.stringMatching(/^must /) as string,
  });
});
