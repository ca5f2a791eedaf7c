import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection, WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { workflowIdFor, type DeliveryId } from '../../src/contract/ids.js';
import { deliveredSignal } from '../../src/contract/messages.js';
import type { Outcome } from '../../src/contract/status.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { parseEncryptionKeys, type EncryptionKey } from '../../src/encryption/encryption-keys.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { UnreadableResultError } from '../../src/webhook/closed-result.js';
import { createDeliverySignals, TemporalUnavailableError } from '../../src/webhook/delivery-signals.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { AGENT, deliveredEvent, PHONE } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const PAYLOAD = { eventId: 'evt-1', sendTime: '2026-01-02T03:04:05.678Z' };
const TASK_QUEUE = 'webhook-test';
let server: SharedTemporal;
let connection: Connection;
let client: WorkflowClient;

beforeAll(async () => {
  server = await sharedTemporal();
  connection = Connection.lazy({ address: server.address });
  client = new WorkflowClient({ connection, namespace: server.namespace });
});
afterAll(async () => {
  await connection.close();
});

const newDelivery = (): DeliveryId => ({ agentId: AGENT, messageId: crypto.randomUUID() });
const signals = (timeoutMs = 10_000) => createDeliverySignals({ client, timeoutMs });

/** A delivery that no worker runs: it stays as it is. */
async function openDelivery(on = client): Promise<DeliveryId> {
  const delivery = newDelivery();
  const args = [{ ...delivery, recipient: PHONE }];
  await on.start('messageDelivery', { workflowId: workflowIdFor(delivery), taskQueue: TASK_QUEUE, args });
  return delivery;
}

/** Ends the delivery as a worker would, with this result. */
async function complete(delivery: DeliveryId, result: unknown, codec?: PayloadCodec): Promise<void> {
  const { workflowService } = connection;
  const { CommandType } = temporal.api.enums.v1;
  const { namespace } = server;
  for (;;) {
    const task = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: TASK_QUEUE } }),
    );
    const ours = task.workflowExecution?.workflowId === workflowIdFor(delivery);
    const readable = [defaultPayloadConverter.toPayload(result)];
    const payloads = codec === undefined ? readable : await codec.encode(readable);
    const attributes = { completeWorkflowExecutionCommandAttributes: { result: { payloads } } };
    const command = { commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION, ...attributes };
    const { taskToken } = task;
    await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands: ours ? [command] : [] });
    if (ours) return;
  }
}

async function receivedSignals(delivery: DeliveryId, on = client): Promise<unknown[]> {
  const { events = [] } = await on.getHandle(workflowIdFor(delivery)).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal ? [[signal.signalName, defaultPayloadConverter.fromPayload(signal.input?.payloads?.[0] ?? {})]] : [],
  );
}

describe('signal', () => {
  test('an open delivery: signalled, and in its history', async () => {
    const delivery = await openDelivery();
    expect(await signals().signal(delivery, deliveredSignal, PAYLOAD)).toBe('signalled');
    expect(await receivedSignals(delivery)).toEqual([['delivered', PAYLOAD]]);
  });

  test('a delivery that has ended: closed', async () => {
    const delivery = await openDelivery();
    await client.getHandle(workflowIdFor(delivery)).terminate();
    expect(await signals().signal(delivery, deliveredSignal, PAYLOAD)).toBe('closed');
  });

  test('no such delivery: unknown', async () => {
    expect(await signals().signal(newDelivery(), deliveredSignal, PAYLOAD)).toBe('unknown');
  });

  test('a signal that Temporal will never take: refused', async () => {
    const delivery = await openDelivery();
    const tooLarge = { ...PAYLOAD, eventId: 'x'.repeat(3_000_000) };
    expect(await signals().signal(delivery, deliveredSignal, tooLarge)).toBe('refused');
    expect(await receivedSignals(delivery)).toEqual([]);
  });
});

describe('closedResult', () => {
  test('how a completed delivery ended', async () => {
    const delivery = await openDelivery();
    await complete(delivery, { outcome: 'SENT_BY_SMS', channel: 'SMS', duplicate: false });
    expect(await signals().closedResult(delivery)).toMatchObject({ outcome: 'SENT_BY_SMS', duplicate: false });
  });

  test('nothing for one that ended without a result', async () => {
    const delivery = await openDelivery();
    await client.getHandle(workflowIdFor(delivery)).terminate();
    expect(await signals().closedResult(delivery)).toBeUndefined();
  });

  test('a result of another form can not be read', async () => {
    const other = await openDelivery();
    await complete(other, { outcome: 'SOMETHING_ELSE' });
    await expect(signals().closedResult(other)).rejects.toThrow(UnreadableResultError);
  });

  test('of one that is gone it is not known how it ended', async () => {
    await expect(signals().closedResult(newDelivery())).rejects.toThrow(WorkflowNotFoundError);
  });

  test('an open delivery is waited for no longer than the limit', async () => {
    const delivery = await openDelivery();
    await expect(signals(300).closedResult(delivery)).rejects.toThrow(TemporalUnavailableError);
  });
});

describe('recipient', () => {
  test('the number in the input, also of a delivery that has ended', async () => {
    const delivery = await openDelivery();
    await client.getHandle(workflowIdFor(delivery)).terminate();
    expect(await signals().recipient(delivery)).toBe(PHONE);
  });

  test.each([[], ['text'], [{ recipient: 7 }]])('undefined for the input %j', async (...args) => {
    const delivery = newDelivery();
    await client.start('messageDelivery', { workflowId: workflowIdFor(delivery), taskQueue: TASK_QUEUE, args });
    expect(await signals().recipient(delivery)).toBeUndefined();
  });

  test('of one that is gone it can not be fetched', async () => {
    await expect(signals().recipient(newDelivery())).rejects.toThrow(TemporalUnavailableError);
  });
});

describe('a result that is encrypted', () => {
  const keys = parseEncryptionKeys(`k1:${Buffer.alloc(32, 1).toString('base64')}`);
  const otherKeys = parseEncryptionKeys(`k9:${Buffer.alloc(32, 9).toString('base64')}`);
  const late = async (outcome: Outcome) => {
    const delivery = await openDelivery();
    await complete(delivery, { outcome, channel: 'SMS', duplicate: false }, createPayloadCodec({ keys }));
    return deliveredEvent({ messageId: delivery.messageId });
  };
  const webhookWith = (own: readonly EncryptionKey[]) => {
    const dataConverter = createDataConverter({ keys: own });
    const reading = new WorkflowClient({
      connection,
      namespace: server.namespace,
      ...(dataConverter !== undefined && { dataConverter }),
    });
    return startWebhook({ deliveries: createDeliverySignals({ client: reading, timeoutMs: 10_000 }) });
  };

  test.each([
    ['the key', keys, { duplicates: 1, notLookedAt: 0 }],
    ['no key', [], { duplicates: 0, notLookedAt: 1 }],
    ['another key', otherKeys, { duplicates: 0, notLookedAt: 1 }],
  ])('a late duplicate is counted with %s', async (_, own, { duplicates, notLookedAt }) => {
    const { send, counted, logs } = await webhookWith(own);
    expect((await send(await late('SENT_BY_SMS'))).status).toBe(200);
    const seen = async () => ({
      duplicates: await counted({}, 'rcs_webhook_late_duplicates_total'),
      notLookedAt: await counted({}, 'rcs_webhook_late_not_looked_at_total'),
    });
    await expect.poll(seen).toEqual({ duplicates, notLookedAt });
    expect(logs().includes('PAYLOAD_ENCRYPTION_KEYS')).toBe(notLookedAt > 0);
    expect(logs()).not.toContain(PHONE);
  });
});

describe('Temporal that can not be used', () => {
  const over = (address: string, namespace = 'default') => {
    const lazy = Connection.lazy({ address });
    const unusable = createDeliverySignals({
      client: new WorkflowClient({ connection: lazy, namespace }),
      timeoutMs: 500,
    });
    // Without settled(), the client's retries would end this process.
    onTestFinished(async () => {
      await unusable.settled();
      await lazy.close();
    });
    return unusable;
  };

  async function expectUnavailable(address: string, namespace?: string): Promise<void> {
    const unusable = over(address, namespace);
    const started = performance.now();
    await expect(unusable.signal(newDelivery(), deliveredSignal, PAYLOAD)).rejects.toThrow(TemporalUnavailableError);
    await expect(unusable.closedResult(newDelivery())).rejects.toThrow(TemporalUnavailableError);
    await expect(unusable.recipient(newDelivery())).rejects.toThrow(TemporalUnavailableError);
    await expect(unusable.ping(500)).rejects.toThrow(TemporalUnavailableError);
    // The SDK's own retries would take longer.
    expect(performance.now() - started).toBeLessThan(25_000);
  }

  test('nobody listens', () => expectUnavailable('127.0.0.1:1'));

  test('somebody listens and never answers', async () => {
    const hole = createServer();
    onTestFinished(() => void hole.close());
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
    await expectUnavailable(`127.0.0.1:${(hole.address() as AddressInfo).port}`);
  });

  test('a namespace that does not exist is a wrong setting: no event is lost to it', () =>
    expectUnavailable(server.address, 'no-such-namespace'));

  test('one that can be used answers a ping', async () => {
    await expect(signals().ping(5_000)).resolves.toBeUndefined();
  });
});

test('events that arrive while Temporal is down are answered 503, and their redelivery is durable', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const options = { port: await freePort(), dbFilename: join(folder, 'temporal.db') };
  // Not the server at TEMPORAL_ADDRESS: this one is stopped.
  const env = { ...process.env, TEMPORAL_ADDRESS: '' };
  const first = await startDevServer({ ...options, env });
  onTestFinished(() => first.stop());
  const ownConnection = Connection.lazy({ address: first.address });
  const own = new WorkflowClient({ connection: ownConnection });
  const deliveries = createDeliverySignals({ client: own, timeoutMs: 2_000 });
  onTestFinished(async () => {
    await deliveries.settled();
    await ownConnection.close();
  });
  const delivery = await openDelivery(own);
  const { send, url } = await startWebhook({ deliveries });
  const event = deliveredEvent({ messageId: delivery.messageId });
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  expect(await ready()).toBe(200);

  await first.stop();
  expect((await send(event)).status).toBe(503);
  expect((await send(event)).status).toBe(503);
  expect(await ready()).toBe(503);

  const second = await startDevServer({ ...options, env });
  onTestFinished(() => second.stop());
  await expect.poll(async () => (await send(event)).status).toBe(200);
  expect(await receivedSignals(delivery, own)).toMatchObject([['delivered', PAYLOAD]]);
  // The answer of a moment ago may be repeated for a second.
  await expect.poll(ready, { timeout: 20_000 }).toBe(200);
});
