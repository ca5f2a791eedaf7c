import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InterceptingCall } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowIdFor, type DeliveryId } from '../../src/contract/ids.js';
import { optOutWorkflowIdFor } from '../../src/contract/opt-out.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { createDeliveryClient } from '../../src/index.js';
import { recipientHash } from '../../src/opt-out/recipient-hash.js';
import { temporalPorts } from '../../src/roles/temporal-ports.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import type { DeliveryWorker } from '../../src/worker/delivery-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { testKeys } from '../encryption/test-keys.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { encryptingWorkflows } from '../support/workflow-bundle.js';
import { AGENT, deliveredEvent, OTHER_PHONE, PHONE, unsubscribeEvent } from '../webhook/support/rbm-sender.js';
import { startWebhook } from '../webhook/support/start-webhook.js';

const HASH_KEY = randomBytes(32).toString('hex');
const taskQueue = `keyless-${randomUUID()}`;
const SMS = { ttl: '1s', fallback: { sms: { text: 'hi' } }, revocation: { grace: '1s', budget: '3s' } };

let temporal: SharedTemporal;
let connection: Connection;
let native: NativeConnection;
let worker: DeliveryWorker;
let running: Promise<void>;

/** Backends have the workers' first key. The workers also have that of the webhook, at the end. */
const client = () => {
  const dataConverter = createDataConverter({ keys: testKeys('current') });
  return new Client({ connection, namespace: temporal.namespace, ...(dataConverter && { dataConverter }) });
};
beforeAll(async () => {
  quietTemporal();
  temporal = await sharedTemporal();
  connection = await Connection.connect({ address: temporal.address });
  native = await NativeConnection.connect({ address: temporal.address });
  worker = await createDeliveryWorker({
    connection: native,
    namespace: temporal.namespace,
    taskQueue,
    activities: fakeActivities,
    dataConverter: createDataConverter({ keys: testKeys('current', 'webhook') }),
    encryptionRequired: true,
    worker: encryptingWorkflows,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
  await connection.close();
});

/** A webhook server as its role builds it, whose calls to Temporal are recorded. */
async function webhookWith(keys: readonly string[]) {
  const calls = new Set<string>();
  const recorded = Connection.lazy({
    address: temporal.address,
    interceptors: [
      (options, next) => {
        calls.add(options.method_definition.path.split('/').at(-1) ?? '');
        return new InterceptingCall(next(options));
      },
    ],
  });
  const dataConverter = createDataConverter({ keys: testKeys(...keys) });
  const own = new Client({
    connection: recorded,
    namespace: temporal.namespace,
    ...(dataConverter && { dataConverter }),
  });
  const config = { taskQueue, recipientHashKey: HASH_KEY, agents: [] };
  const rig = await startWebhook({ ...temporalPorts(own.workflow, config, 10_000), log: pino({ level: 'silent' }) });
  return { ...rig, calls };
}

const deliveries = () =>
  createDeliveryClient({ client: client(), taskQueue, searchAttributes: { recipientHashKey: HASH_KEY } });

async function start(given: object = {}): Promise<DeliveryId> {
  const delivery = { agentId: AGENT, messageId: randomUUID() };
  const message = { contentMessage: { text: 'hi' }, messageTrafficType: 'AUTHENTICATION' as const, ttl: '600s' };
  await deliveries().start({ ...delivery, recipient: PHONE, ...message, ...given });
  return delivery;
}

/** A delivery that has settled with an SMS which arrived. */
async function deliveredBySms(): Promise<DeliveryId> {
  const delivery = await start(SMS);
  const handle = client().workflow.getHandle(workflowIdFor(delivery));
  const phase = async () => (await statusOf(delivery)).phase;
  await expect.poll(phase, { timeout: 30_000 }).toBe('AWAITING_SMS_RECEIPT');
  await handle.signal('smsStatus', { eventId: 'sms', sendTime: new Date().toISOString(), status: 'DELIVERED' });
  expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
  return delivery;
}

const statusOf = (delivery: DeliveryId) => deliveries().handle(delivery).status();

describe('a webhook without the key of the inputs', () => {
  test('counts a late DELIVERED by the search attributes, of the recipient only', async () => {
    const { send, counted } = await webhookWith([]);
    const settled = await deliveredBySms();
    const late = (from: string) => deliveredEvent({ ...settled, senderPhoneNumber: from, eventId: from });
    expect((await send(late(OTHER_PHONE))).status).toBe(200);
    expect((await send(late(PHONE))).status).toBe(200);
    await expect.poll(() => counted({}, 'rcs_webhook_late_duplicates_total'), { timeout: 20_000 }).toBe(1);
    expect(await counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(0);
  });

  test('counts what the search attributes can not tell', async () => {
    const { send, counted } = await webhookWith([]);
    const delivery = await start();
    await client().workflow.getHandle(workflowIdFor(delivery)).cancel();
    await client().workflow.getHandle(workflowIdFor(delivery)).result();
    expect((await send(deliveredEvent({ ...delivery }))).status).toBe(200);
    await expect.poll(() => counted({}, 'rcs_webhook_late_not_looked_at_total'), { timeout: 20_000 }).toBe(1);
  });
});

test('a webhook with a key of its own, which the workers have too, is heard where encryption is required', async () => {
  const { send } = await webhookWith(['webhook']);
  const delivery = await start();
  expect((await send(deliveredEvent({ ...delivery }))).status).toBe(200);
  expect(await deliveries().handle(delivery).outcome()).toMatchObject({ outcome: 'DELIVERED' });
});

test('a webhook without keys is not heard there, and its DELIVERED counts later', async () => {
  const { send } = await webhookWith([]);
  const delivery = await start();
  expect((await send(deliveredEvent({ ...delivery }))).status).toBe(200);
  expect(await statusOf(delivery)).toMatchObject({ outcome: null });
  await client().workflow.getHandle(workflowIdFor(delivery)).terminate();
});

test('makes the calls to Temporal that docs/encryption.md lists, and no other', async () => {
  const { send, url, calls, counted } = await webhookWith([]);
  const settled = await deliveredBySms();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  for (const delivery of [await start(), settled, { agentId: AGENT, messageId: randomUUID() }]) {
    expect((await send(deliveredEvent({ ...delivery }))).status).toBe(200);
  }
  await expect.poll(() => counted({}, 'rcs_webhook_late_duplicates_total'), { timeout: 20_000 }).toBe(1);
  const sendTime = new Date().toISOString();
  expect((await send(unsubscribeEvent({ sendTime, eventId: 'out' }))).status).toBe(200);
  const id = { scope: AGENT, recipientHash: recipientHash(PHONE, HASH_KEY) };
  const handle = client().workflow.getHandle(optOutWorkflowIdFor(id));
  expect((await handle.describe()).status.name).toBe('RUNNING');
  expect((await send(unsubscribeEvent({ eventType: 'SUBSCRIBE', sendTime, eventId: 'in' }))).status).toBe(200);

  const page = await readFile(new URL('../../docs/encryption.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((one) => one.startsWith('The webhook\n')) ?? '';
  const documented = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name = '']) => name);
  expect([...calls].toSorted()).toEqual(documented.toSorted());
});
