import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { createDeliveryClient, deliveredSignal } from '../../src/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { fakeActivities } from './fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';

const RECIPIENT = '+15550100001';
const KEY = randomBytes(32).toString('base64');

/** One delivery through the real client, workflow and server; its search attributes at the start and at the end. */
async function attributesOf(registered: boolean) {
  quietTemporal();
  const { address, namespace } = await sharedTemporal(registered ? {} : { searchAttributes: {} });
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const taskQueue = 'search-attributes';

  const worker = await createDeliveryWorker({
    connection: native,
    namespace,
    taskQueue,
    activities: fakeActivities,
    worker: builtWorkflows,
  });
  const running = worker.run();
  try {
    const client = new Client({ connection, namespace });
    const searchAttributes = { recipientHashKey: KEY };
    const deliveries = createDeliveryClient({ client, taskQueue, searchAttributes });
    const delivery = await deliveries.start({
      agentId: 'acme',
      messageId: randomUUID(),
      recipient: RECIPIENT,
      contentMessage: { text: 'x' },
      messageTrafficType: 'PROMOTION',
      campaignId: 'spring',
      ttl: '600s',
    });
    const handle = client.workflow.getHandle(delivery.workflowId);
    const read = async () =>
      Object.fromEntries(
        (await handle.describe()).typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
      );
    const started = await read();
    await handle.signal(deliveredSignal, { eventId: 'e', sendTime: '2026-01-02T03:04:05Z' });
    const { outcome } = await delivery.outcome();
    return { started, ended: await read(), outcome };
  } finally {
    worker.shutdown();
    await running;
    await Promise.all([connection.close(), native.close()]);
  }
}

test('operators can find a delivery from its start on, and by its outcome at the end', async () => {
  const { started, ended } = await attributesOf(true);
  expect(started).toMatchObject({
    DeliveryStatus: 'STARTED',
    FallbackReason: 'none',
    RbmAgentId: 'acme',
    MessageTrafficType: 'PROMOTION',
    CampaignId: 'spring',
    // A program in any language that has the key can find a person's deliveries.
    RecipientHash: createHmac('sha256', KEY).update(RECIPIENT).digest('hex').slice(0, 32),
  });
  expect(JSON.stringify(started)).not.toContain(RECIPIENT.slice(1));
  expect(ended).toMatchObject({ DeliveryStatus: 'DELIVERED' });
});

test('a namespace without the search attributes still delivers', async () => {
  const { started, outcome } = await attributesOf(false);
  expect(outcome).toBe('DELIVERED');
  expect(started).not.toHaveProperty('DeliveryStatus');
});

test.each(['', ' '])('an empty hash key is refused: %j', (recipientHashKey) => {
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  const make = () => createDeliveryClient({ client, searchAttributes: { recipientHashKey } });
  expect(make).toThrow(new TypeError('recipientHashKey must be a random key'));
});
