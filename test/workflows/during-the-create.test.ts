import { Client, Connection, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeliveryHandle, type DeliveryHandle } from '../../src/client/delivery-handle.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import { revokeNowUpdate, statusQuery } from '../../src/contract/messages.js';
import { fakeActivities } from '../client/fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { createReplayer, type Replayer } from '../support/replayer.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { createTestWorker } from '../support/test-worker.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { event, inputWith } from './rig.js';

/*
 * A query ends the first workflow task while the create is under way. What comes then meets the answer to the create in the
 * second task of a worker that has the workflow in its cache. By chance, a replay shows them in another order.
 */

let temporal: SharedTemporal;
let native: NativeConnection;
let connection: Connection;
let replayer: Replayer;
beforeAll(async () => {
  quietTemporal();
  temporal = await sharedTemporal();
  native = await NativeConnection.connect({ address: temporal.address });
  connection = await Connection.connect({ address: temporal.address });
  replayer = createReplayer(builtWorkflows);
});
afterAll(async () => {
  await replayer.close();
  await Promise.all([native.close(), connection.close()]);
});

interface Sending {
  readonly handle: WorkflowHandle;
  readonly delivery: DeliveryHandle;
}

/** Settles one delivery, whose create ends a moment after `during`. Its history must replay. */
async function deliver(during: (sending: Sending) => Promise<unknown>): Promise<{ result: unknown; during: unknown }> {
  const { namespace } = temporal;
  const { workflow } = new Client({ connection, namespace });
  const taskQueue = `during-the-create-${randomUUID()}`;
  const input = inputWith({ ttl: '600s', revocation: { grace: '0s' } });
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
    return handle.result();
  });
  await replayer.replay(await handle.fetchHistory());
  return { result, during: await done };
}

const ROUNDS = [1, 2, 3, 4, 5, 6];

test.each(ROUNDS)('delivered: settles so, and replays (%d)', async () => {
  const { result } = await deliver(({ handle }) => handle.signal('delivered', event()));
  expect(result).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
});

test.each(ROUNDS)('opted out, then cancelled: revokes, and replays (%d)', async () => {
  const { result } = await deliver(async ({ handle }) => {
    await handle.signal('optedOut', { source: 'rbm', sendTime: '2026-01-02T03:04:05Z' });
    await handle.cancel();
  });
  expect(result).toMatchObject({ outcome: 'CANCELLED', channel: null });
});

describe('revokeNow', () => {
  const change = { reason: 'wrong price', fallback: 'none' } as const;
  const refusalOf = (error: unknown) =>
    error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.details?.[0];

  const isStatus = (answer: unknown) => typeof answer === 'object' && answer !== null && 'phase' in answer;

  test.each(ROUNDS)('is refused as long as the message is being sent, and the client repeats it (%d)', async () => {
    const revoked: Promise<unknown>[] = [];
    const { result, during } = await deliver(async ({ handle, delivery }) => {
      const refusal = await handle.executeUpdate(revokeNowUpdate, { args: [change] }).catch(refusalOf);
      revoked.push(delivery.revokeNow(change));
      return refusal;
    });
    // Unless a slow machine takes so long that the create is given up before.
    if (!isStatus(during)) expect(during).toEqual({ refusal: 'sending' });
    await Promise.allSettled(revoked);
    expect(result).toMatchObject({ outcome: 'REVOKED' });
  });
});
