import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowIdFor } from '../../src/contract/ids.js';
import { notificationWorkflowIdFor } from '../../src/contract/notification.js';
import { createTestWorker } from '../support/test-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { startRig, failure, inputWith, type Rig } from './rig.js';

const HOUR = 3_600_000;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

/** How often RBM is asked to create the message until it answers again, `down` milliseconds after the start. */
async function createsIn(down: number, ttl: string): Promise<number> {
  let creates = 0;
  const start = await rig.env.currentTimeMs();
  const delivery = await rig.start(
    { messageTrafficType: 'PROMOTION', ttl },
    {
      sendRcs: async () => {
        creates += 1;
        if ((await rig.env.currentTimeMs()) < start + down) throw failure('RbmUnavailable', { mayBeQueued: true });
        return { acceptedEarlier: false };
      },
    },
  );
  expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED' });
  return creates;
}

describe('while RBM is down, a message that may wait is tried again after pauses that grow with its time', () => {
  test.each([
    ['an hour of its hour', 'an hour', HOUR, '3600s', 90],
    ['an hour of its day', 'an hour', HOUR, '86400s', 20],
    ['a day of its day', 'a day', 24 * HOUR, '86400s', 200],
    ['a day of its two weeks', 'a day', 24 * HOUR, '1209600s', 28],
  ])('%s', async (_, _outage, down, ttl, most) => {
    const creates = await createsIn(down, ttl);
    expect(creates).toBeLessThanOrEqual(most);
    // It is still tried often enough to be sent soon after the outage.
    expect(creates).toBeGreaterThan(most / 2);
  });
});

test('while a receiver is down for three days, a notification is tried some eighty times', async () => {
  let posts = 0;
  const taskQueue = `notifications-${randomUUID()}`;
  const notify = () => {
    posts += 1;
    return Promise.reject(failure('NotifyFailed'));
  };
  const activities = { ...fakeActivities, notify };
  const worker = await createTestWorker({ connection: rig.env.nativeConnection, taskQueue, activities });
  await worker.runUntil(async () => {
    const { client } = rig.env;
    const input = inputWith({ notify: { url: 'https://hooks.example.com/' }, ttl: '10s' });
    const { messageId } = input;
    await client.workflow.execute('messageDelivery', { taskQueue, workflowId: workflowIdFor(input), args: [input] });
    const id = notificationWorkflowIdFor(`acme-agent:${messageId}:1:REVOKED`);
    await expect(client.workflow.getHandle(id).result()).rejects.toThrow();
  });
  expect(posts).toBeGreaterThan(60);
  expect(posts).toBeLessThan(90);
});
