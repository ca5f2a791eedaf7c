import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeliveryHandle, type DeliveryHandle } from '../../src/client/delivery-handle.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import { revokeNowUpdate, statusQuery } from '../../src/contract/messages.js';
import { fakeActivities } from '../client/fake-activities.js';
import { createReplayer, type Replayer } from '../support/replayer.js';
import { createTestWorker } from '../support/test-worker.js';
import { useTemporal } from '../support/use-temporal.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { event, inputWith } from './rig.js';

/*
 * A query ends the first workflow task while the create is under way. What comes then meets the answer to the create in the
 * second task of a worker that has the workflow in its cache. By chance, a replay shows them in another order.
 */

const temporal = useTemporal();
let replayer: Replayer;
beforeAll(() => {
  replayer = createReplayer(builtWorkflows);
});
afterAll(() => replayer.close());

interface Sending {
  readonly handle: WorkflowHandle;
  readonly delivery: DeliveryHandle;
}

/** Settles one delivery, whose create ends a moment after `during`. Its history must replay. */
async function deliver(during: (sending: Sending) => Promise<unknown>): Promise<{ result: unknown; during: unknown }> {
  const { namespace, connection, native } = temporal();
  const { workflow } = new Client({ connection, namespace });
  const taskQueue = `during-the-create-${randomUUID()}`;
  const input = inputWith({ ttl: '600s', revocation: { grace: '1s' } });
  const workflowId = workflowIdFor(input);
  const handle = await workflow.start('messageDelivery', { taskQueue, workflowId, args: [input] });
  const delivery = createDeliveryHandle({ client: workflow, id: input, timeoutMs: 60_000 });
  let done: Promise<unknown> | undefined;
  const activities = {
    ...fakeActivities,
    async sendRcs() {
      // Once, although the create is repeated if a slow machine takes too long.
      await (done ??= during({ handle, delivery }));
      await delay(Math.random() * 50);
      return { acceptedEarlier: false };
    },
  };
  const query = handle.query(statusQuery);
  const worker = await createTestWorker({ connection: native, namespace, taskQueue, activities });
  const result: unknown = await worker.runUntil(async () => {
    await query;
    return (await handle.result()) as unknown;
  });
  await replayer.replay(await handle.fetchHistory());
  return { result, during: await done };
}

/** In each round, chance decides with which task Temporal records the answer. */
const ROUNDS = [1, 2, 3, 4, 5, 6];
const change = { reason: 'wrong price', fallback: 'none' } as const;
const update = ({ handle }: Sending) => handle.executeUpdate(revokeNowUpdate, { args: [change] });
/** Sent, but not answered: the create would not end before the answer. */
const sent = async (request: Promise<unknown>) => {
  request.catch(() => {});
  await delay(20);
};

describe.each<[string, (sending: Sending) => Promise<unknown>, object]>([
  ['delivered', ({ handle }) => handle.signal('delivered', event()), { outcome: 'DELIVERED', duplicate: false }],
  ['revoked by RBM', ({ handle }) => handle.signal('ttlExpirationRevoked', event()), { outcome: 'REVOKED' }],
  ['cancelled', ({ handle }) => handle.cancel(), { outcome: 'CANCELLED', channel: null }],
  ['revokeNow by the client', ({ delivery }) => sent(delivery.revokeNow(change)), { outcome: 'REVOKED' }],
])('%s', (_what, during, outcome) => {
  test.each(ROUNDS)('settles, and the history replays (%d)', async () => {
    expect(await deliver(during)).toMatchObject({ result: outcome });
  });
});

test('an update is refused as long as the message is being sent', async () => {
  const refusalOf = (error: unknown) =>
    error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.details?.[0];
  const rounds = await Promise.all(
    ROUNDS.map(() =>
      deliver(async (sending) => {
        const refusal: unknown = await update(sending).catch(refusalOf);
        await sending.handle.signal('delivered', event());
        return refusal;
      }),
    ),
  );
  // A slow machine may give up the create before.
  expect(rounds.map(({ during }) => during)).toContainEqual({ refusal: 'sending' });
});
