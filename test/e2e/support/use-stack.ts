import { afterAll, beforeAll, expect } from 'vitest';
import { Cleanups } from '../../../dev/stack/cleanups.js';
import {
  startDeliveryStack,
  type DeliveryStack,
  type DeliveryStackOptions,
} from '../../../dev/stack/delivery-stack.js';
import { sharedTemporal } from '../../support/shared-temporal.js';
import { deliver } from './deliver.js';

const { PATH, HOME, TMPDIR } = process.env;

/**
 * A simulator, a worker and a webhook for all tests of a file, in a namespace of their own on the shared server, or,
 * with `temporal`, on a server of their own. When they stop, their logs must hold nothing private (G10).
 */
export function useStack(options: Omit<DeliveryStackOptions, 'cleanups'> = {}): () => DeliveryStack {
  const cleanups = new Cleanups();
  let started: DeliveryStack | undefined;
  beforeAll(async () => {
    started = await startDeliveryStack({
      logLevel: 'debug',
      // Nothing else from the shell that runs the tests, because the documented variables must be enough.
      inherited: { PATH, HOME, TMPDIR },
      ...options,
      temporal: {
        ...options.temporal,
        env: {
          ...process.env,
          ...(options.temporal === undefined ? (await sharedTemporal()).variables : { TEMPORAL_ADDRESS: '' }),
        },
      },
      cleanups,
    });
    await warmUp(started);
  });
  afterAll(async () => {
    await cleanups.run();
    if (started !== undefined) expectNothingPrivate(started);
  });
  return () => {
    if (started === undefined) throw new Error('The stack exists only while tests run.');
    return started;
  };
}

/**
 * Runs one delivery, which loads the workflow code and gets a token. The short times of the tests do not cover that.
 */
async function warmUp(stack: DeliveryStack): Promise<void> {
  const delivery = await deliver(stack, { behaviour: 'delivers', input: { ttl: '60s' } });
  await delivery.ended();
}

/** The phone numbers and texts of all tests. See ./deliver.ts. */
const PRIVATE = [/\+?1555010\d{4}/, /code is/];

function expectNothingPrivate({ worker, webhook, env }: DeliveryStack): void {
  const output = worker.output() + webhook.output();
  expect(output).toContain('worker running');
  for (const pattern of PRIVATE) expect(output).not.toMatch(pattern);
  for (const name of ['RBM_WEBHOOK_CLIENT_TOKEN', 'SMS_HTTP_TOKEN', 'SMS_WEBHOOK_SECRET', 'TWILIO_AUTH_TOKEN']) {
    const secret = env[name];
    if (secret !== undefined) expect(output).not.toContain(secret);
  }
}
