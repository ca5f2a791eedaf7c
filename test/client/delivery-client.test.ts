import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal as proto } from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import {
  createDeliveryClient,
  deliveredSignal,
  DeliveryClosedError,
  DeliveryError,
  DeliveryFailedError,
  DeliveryNotFoundError,
  InvalidInputError,
  NoWorkerError,
  TemporalRefusedError,
  TemporalUnavailableError,
  UpdateRejectedError,
  WORKFLOW_TYPE,
  type DeliveryClient,
  type StartInput,
} from '../../src/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { fakeActivities } from './fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';

const { CommandType, UpdateWorkflowExecutionLifecycleStage: Stage } = proto.api.enums.v1;
const TASK_QUEUE = 'client-test';
const IDLE_QUEUE = 'nobody-listens-here';
const event = { eventId: 'event-1', sendTime: '2026-11-21T00:00:00Z' };

let server: SharedTemporal;
let connection: Connection;
let temporal: Client;
let deliveries: DeliveryClient;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  quietTemporal();
  server = await sharedTemporal();
  const { address, namespace } = server;
  connection = await Connection.connect({ address });
  temporal = new Client({ connection, namespace });
  deliveries = createDeliveryClient({ client: temporal, taskQueue: TASK_QUEUE });
  const native = await NativeConnection.connect({ address });
  const options = {
    connection: native,
    namespace,
    taskQueue: TASK_QUEUE,
    activities: fakeActivities,
    worker: builtWorkflows,
  };
  const worker = await createDeliveryWorker(options);
  const running = worker.run();
  stopWorker = async () => {
    worker.shutdown();
    await running;
    await native.close();
  };
});

afterAll(async () => {
  await stopWorker();
  await connection.close();
});

function message(changes: Partial<StartInput> = {}): StartInput {
  return {
    agentId: 'acme',
    messageId: randomUUID(),
    recipient: '+15550100001',
    contentMessage: { text: 'Your code is 482913' },
    ttl: '3600s',
    ...changes,
  };
}

const signalDelivered = (workflowId: string) => temporal.workflow.getHandle(workflowId).signal(deliveredSignal, event);
const startedAt = async (workflowId: string) => {
  const { startTime, runId } = await temporal.workflow.getHandle(workflowId).describe();
  return { startTime, runId };
};
/** Lets the one workflow of a task queue return a result. */
const settleWith = async (result: unknown, taskQueue: string) => {
  const { workflowService } = connection;
  const common = { namespace: server.namespace, identity: 'a worker' };
  const { taskToken } = await connection.withDeadline(Date.now() + 20_000, () =>
    workflowService.pollWorkflowTaskQueue({ ...common, taskQueue: { name: taskQueue } }),
  );
  const payloads = [defaultPayloadConverter.toPayload(result)];
  const commandType = CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION;
  const commands = [{ commandType, completeWorkflowExecutionCommandAttributes: { result: { payloads } } }];
  await workflowService.respondWorkflowTaskCompleted({ ...common, taskToken, commands });
};
const errorOf = async (promise: Promise<unknown>): Promise<DeliveryError> => {
  const error: unknown = await promise.catch((caught: unknown) => caught);
  if (!(error instanceof DeliveryError)) throw new Error('expected a DeliveryError', { cause: error });
  return error;
};

describe('start', () => {
  test('uses the workflow id of the contract', async () => {
    const delivery = await deliveries.start(
      message({ agentId: 'acme@rbm.goog', messageId: randomUUID().toUpperCase() }),
    );
    const { agentId, messageId, workflowId } = delivery;
    expect({ agentId, messageId }).toEqual({ agentId: 'acme', messageId: messageId.toLowerCase() });
    expect(workflowId).toBe(`message-delivery:acme:${messageId}`);
    const description = await temporal.workflow.getHandle(workflowId).describe();
    expect(description).toMatchObject({ type: WORKFLOW_TYPE, taskQueue: TASK_QUEUE });
    await signalDelivered(workflowId);
    expect(await delivery.outcome()).toMatchObject({ outcome: 'DELIVERED', channel: 'RCS', messageId });
  });

  test('returns the existing delivery for the same message, running or closed', async () => {
    const input = message();
    const first = await deliveries.start(input);
    const run = await startedAt(first.workflowId);
    const again = await Promise.all([deliveries.start(input), deliveries.start(input)]);
    expect(again.map(({ workflowId }) => workflowId)).toEqual([first.workflowId, first.workflowId]);
    await signalDelivered(first.workflowId);
    await first.outcome();
    const late = await deliveries.start(input);
    expect(await late.outcome()).toMatchObject({ outcome: 'DELIVERED' });
    expect([first, ...again, late].map(({ isNew }) => isNew)).toEqual([true, false, false, false]);
    expect(await startedAt(late.workflowId)).toEqual(run);
  });

  test('accepts a Date, and a phone number as people write it', async () => {
    const expireTime = new Date(Date.now() + 3_600_000);
    const input = message({ recipient: '(555) 010-0001', ttl: undefined, expireTime });
    const american = createDeliveryClient({ client: temporal, taskQueue: TASK_QUEUE, defaultCountry: 'US' });
    const delivery = await american.start(input);
    expect(await delivery.status()).toMatchObject({ expireTime: expireTime.toISOString() });
    const { events } = await temporal.workflow.getHandle(delivery.workflowId).fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(payload ?? []).toString())).toMatchObject({ recipient: '+15550100001' });
    await delivery.cancel();
  });

  test('accepts a ttl as a number of seconds', async () => {
    const delivery = await deliveries.start(message({ ttl: undefined, ttlSeconds: 90.5 }));
    const { startTime } = await startedAt(delivery.workflowId);
    const { expireTime } = await delivery.status();
    expect(Date.parse(expireTime) - startTime.getTime()).toBe(90_500);
    await delivery.cancel();
  });

  test('of many yields a result for each, and an invalid one stops no other', async () => {
    const inputs = [message(), message({ ttl: 'xx-ttl' }), message()];
    const results = [];
    for await (const result of deliveries.startMany(inputs, { concurrency: 2 })) results.push(result);
    expect(results.map(({ index, input, ok }) => ({ index, input, ok }))).toEqual([
      { index: 0, input: inputs[0], ok: true },
      { index: 1, input: inputs[1], ok: false },
      { index: 2, input: inputs[2], ok: true },
    ]);
    const [, bad] = results;
    expect(bad?.ok === false && bad.error).toBeInstanceOf(InvalidInputError);
    for (const result of results) {
      expect(result.ok && result.handle.isNew).toBe(result.ok);
      if (result.ok) await result.handle.cancel();
    }
  });

  test('refuses an invalid input at once, names every bad field and repeats no value', async () => {
    const wrong = message({
      recipient: 'xx-number',
      ttl: 'xx-ttl',
      messageId: 'xx-id',
      expireTime: new Date(Number.NaN),
    });
    const error = await errorOf(deliveries.start(wrong));
    if (!(error instanceof InvalidInputError)) throw error;
    expect(error.code).toBe('INVALID_INPUT');
    const fields = error.problems.map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['recipient', 'ttl', 'messageId', 'expireTime']));
    expect(error.message).toContain('recipient: must be an E.164 number');
    expect(error.message).not.toContain('xx-');
  });
});

describe('status', () => {
  test('of a running delivery is the answer of its workflow', async () => {
    const delivery = await deliveries.start(message({ campaignId: 'spring' }));
    await expect.poll(async () => (await delivery.status()).status).toBe('AWAITING_DELIVERY');
    expect(await deliveries.handle(delivery).status()).toMatchObject({
      agentId: 'acme',
      phase: 'AWAITING_DELIVERY',
      outcome: null,
      next: { action: 'revoke' },
    });
    await delivery.cancel();
  });

  test('of a closed delivery equals the answer of its query, but needs no worker', async () => {
    const delivery = await deliveries.start(message());
    await signalDelivered(delivery.workflowId);
    await delivery.outcome();
    const queried = await temporal.workflow.getHandle(delivery.workflowId).query('status');
    expect(await delivery.status()).toEqual(queried);
  });

  test('of a delivery that an earlier version has settled names its start too', async () => {
    const taskQueue = `earlier-${randomUUID()}`;
    const earlier = createDeliveryClient({ client: temporal, taskQueue });
    const delivery = await earlier.start(message({ messageTrafficType: 'TRANSACTION', campaignId: 'spring' }));
    const { startTime } = await startedAt(delivery.workflowId);
    const times = { expireTime: startTime.toISOString(), settledTime: startTime.toISOString() };
    const result = { outcome: 'DELIVERED', channel: 'RCS', messageId: delivery.messageId, duplicate: false };
    await settleWith({ ...result, ...times, timeline: [] }, taskQueue);
    expect(await delivery.status()).toMatchObject({
      ...{ outcome: 'DELIVERED', startTime: startTime.toISOString() },
      ...{ messageTrafficType: 'TRANSACTION', campaignId: 'spring' },
    });
  });

  test('of an unknown delivery is DELIVERY_NOT_FOUND', async () => {
    const error = await errorOf(deliveries.handle({ agentId: 'acme', messageId: randomUUID() }).status());
    expect(error).toBeInstanceOf(DeliveryNotFoundError);
    expect(error.code).toBe('DELIVERY_NOT_FOUND');
  });

  test('without a worker is NO_WORKER within the time limit', async () => {
    const nobody = createDeliveryClient({ client: temporal, taskQueue: IDLE_QUEUE, timeoutMs: 1_500 });
    const delivery = await nobody.start(message());
    expect(await errorOf(delivery.status())).toBeInstanceOf(NoWorkerError);
    expect(await errorOf(delivery.revokeNow({ reason: 'test', fallback: 'none' }))).toBeInstanceOf(NoWorkerError);
    await temporal.workflow.getHandle(delivery.workflowId).terminate();
    expect(await errorOf(delivery.outcome())).toMatchObject({ code: 'DELIVERY_FAILED', executionStatus: 'TERMINATED' });
  });

  test('of a delivery with an invalid input names the fields', async () => {
    const id = { agentId: 'acme', messageId: randomUUID() };
    const { workflowId } = deliveries.handle(id);
    const args = [{ ...message(id), recipient: 'xx-number', surprise: 1 }];
    await temporal.workflow.start(WORKFLOW_TYPE, { workflowId, taskQueue: TASK_QUEUE, args });
    await errorOf(deliveries.handle(id).outcome());
    const error = await errorOf(deliveries.handle(id).status());
    expect(error).toBeInstanceOf(DeliveryFailedError);
    expect(error).toMatchObject({ executionStatus: 'FAILED', failureType: 'InvalidInput' });
    expect(error.message).toContain('recipient');
    expect(error.message).not.toContain('xx-number');
  });
});

describe('handle', () => {
  test('is made from ids or from a workflow id', async () => {
    const { agentId, messageId, workflowId } = await deliveries.start(message());
    expect(await deliveries.handle(workflowId).status()).toMatchObject({ agentId, messageId });
    await deliveries.handle({ agentId: `${agentId}@rbm.goog`, messageId: messageId.toUpperCase() }).cancel();
    expect(await deliveries.handle(workflowId).outcome()).toMatchObject({ outcome: 'CANCELLED' });
    expect(() => deliveries.handle('xx-id')).toThrow(InvalidInputError);
  });

  test('a second update with the same id has no effect', async () => {
    const delivery = await deliveries.start(message());
    const later = (hours: number) => ({ expireTime: new Date(Date.now() + hours * 3_600_000) });
    const first = await delivery.changeExpiry(later(2), { updateId: 'once' });
    expect(await delivery.changeExpiry(later(3), { updateId: 'once' })).toEqual(first);
    expect((await delivery.status()).expireTime).toBe(first.expireTime);
    await delivery.cancel();
  });
});

describe('list', () => {
  test('finds deliveries by their search attributes', async () => {
    const campaignId = randomUUID();
    const delivery = await deliveries.start(message({ campaignId }));
    await expect.poll(() => deliveries.count({ campaignId, open: true })).toBe(1);
    const found = [];
    for await (const one of deliveries.list({ campaignId })) found.push(one);
    expect(found).toEqual([expect.objectContaining({ workflowId: delivery.workflowId, campaignId })]);
    await delivery.cancel();
  });

  test('refuses a query that Temporal does not know', async () => {
    expect(await errorOf(deliveries.count({ query: 'Surprise = 1' }))).toBeInstanceOf(TemporalRefusedError);
    expect(await errorOf(deliveries.list({ query: 'Surprise = 1' }).next())).toBeInstanceOf(TemporalRefusedError);
  });
});

describe('changing a delivery', () => {
  test.each(['', '  ', '\u200b'])('revokeNow refuses the reason %j', async (reason) => {
    const delivery = deliveries.handle({ agentId: 'acme-agent', messageId: randomUUID() });
    const refused = await errorOf(delivery.revokeNow({ reason, fallback: 'none' }));
    expect(refused).toBeInstanceOf(InvalidInputError);
    expect(refused.message).toBe('invalid input: reason: must not be blank');
  });

  test('revokeNow revokes the message before its expiry', async () => {
    const delivery = await deliveries.start(message({ revocation: { grace: '0s' } }));
    await expect.poll(async () => (await delivery.status()).status).toBe('AWAITING_DELIVERY');
    const status = await delivery.revokeNow({ reason: 'wrong text', fallback: 'none' });
    expect(status.timeline.map((entry) => entry.event)).toContain('revokeRequested');
    expect(await delivery.outcome()).toMatchObject({ outcome: 'REVOKED' });
  });

  test('changeExpiry moves the expiry', async () => {
    const delivery = await deliveries.start(message());
    const expireTime = new Date(Date.now() + 7_200_000);
    expect(await delivery.changeExpiry({ expireTime })).toMatchObject({ expireTime: expireTime.toISOString() });
    await delivery.cancel();
  });

  test('a refused change says why and changes nothing', async () => {
    const delivery = await deliveries.start(message());
    const before = (await delivery.status()).expireTime;
    const error = await errorOf(delivery.changeExpiry({ expireTime: new Date(0) }));
    if (!(error instanceof UpdateRejectedError)) throw error;
    expect(error.reason).toContain('must be in the future');
    expect(error.refusal).toBe('invalid');
    expect((await delivery.status()).expireTime).toBe(before);
    const noSms = await errorOf(delivery.revokeNow({ reason: 'test', fallback: 'sms' }));
    expect(noSms.code).toBe('UPDATE_REJECTED');
    await delivery.cancel();
  });

  test('cancel revokes the message, and the delivery ends as CANCELLED', async () => {
    const delivery = await deliveries.start(message({ revocation: { grace: '0s' } }));
    await delivery.cancel();
    expect(await delivery.outcome()).toMatchObject({ outcome: 'CANCELLED' });
  });

  test('is refused if the delivery is closed or unknown', async () => {
    const delivery = await deliveries.start(message());
    await signalDelivered(delivery.workflowId);
    await delivery.outcome();
    const revoke = { reason: 'test', fallback: 'none' } as const;
    expect(await errorOf(delivery.revokeNow(revoke))).toBeInstanceOf(DeliveryClosedError);
    await delivery.cancel();
    expect(await delivery.outcome()).toMatchObject({ outcome: 'DELIVERED' });
    const unknown = deliveries.handle({ agentId: 'acme', messageId: randomUUID() });
    expect(await errorOf(unknown.revokeNow(revoke))).toBeInstanceOf(DeliveryNotFoundError);
    expect(await errorOf(unknown.cancel())).toBeInstanceOf(DeliveryNotFoundError);
  });
});

describe('Temporal', () => {
  test('that closes a delivery while a change reaches it: DELIVERY_CLOSED', async () => {
    const common = { namespace: server.namespace, identity: 'a worker' };
    const taskQueue = `ends-${randomUUID()}`;
    const delivery = await createDeliveryClient({ client: temporal, taskQueue }).start(message());
    const workflowExecution = { workflowId: delivery.workflowId };
    const { workflowService } = connection;
    const { taskToken } = await connection.withDeadline(Date.now() + 20_000, () =>
      workflowService.pollWorkflowTaskQueue({ ...common, taskQueue: { name: taskQueue } }),
    );
    const refused = errorOf(delivery.revokeNow({ reason: 'wrong price', fallback: 'none' }, { updateId: 'mine' }));
    const lifecycleStage = Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED;
    const poll = { ...common, updateRef: { workflowExecution, updateId: 'mine' }, waitPolicy: { lifecycleStage } };
    const admitted = () =>
      connection.withDeadline(Date.now() + 5_000, () => workflowService.pollWorkflowExecutionUpdate(poll));
    await expect.poll(admitted).toBeDefined();
    const commandType = CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION;
    const commands = [{ commandType, completeWorkflowExecutionCommandAttributes: {} }];
    await workflowService.respondWorkflowTaskCompleted({ ...common, taskToken, commands });

    expect(await refused).toBeInstanceOf(DeliveryClosedError);
  });

  test('that does not answer: TEMPORAL_UNAVAILABLE within the time limit', async () => {
    // Never closed: a retry of the SDK's that is due after close() throws where nothing can catch it.
    const nowhere = Connection.lazy({ address: `127.0.0.1:${String(await freePort())}` });
    const client = createDeliveryClient({ client: new Client({ connection: nowhere }), timeoutMs: 500 });
    const error = await errorOf(client.start(message()));
    expect(error).toBeInstanceOf(TemporalUnavailableError);
    expect(error.code).toBe('TEMPORAL_UNAVAILABLE');
  });

  test('without the namespace: TEMPORAL_REFUSED', async () => {
    const client = createDeliveryClient({ client: new Client({ connection, namespace: 'no-such-namespace' }) });
    expect(await errorOf(client.start(message()))).toBeInstanceOf(TemporalRefusedError);
  });
});

test('a message can be started again after a start by another program failed on an invalid input', async () => {
  const input = message();
  const workflowId = `message-delivery:acme:${input.messageId}`;
  const bad = { ...input, ttl: '5' };
  const options = { taskQueue: TASK_QUEUE, workflowId, args: [bad] };
  await expect(temporal.workflow.execute(WORKFLOW_TYPE, options)).rejects.toThrow();

  const delivery = await deliveries.start(input);

  expect(delivery.isNew).toBe(true);
  expect((await temporal.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING');
  await signalDelivered(workflowId);
  expect(await delivery.outcome()).toMatchObject({ outcome: 'DELIVERED' });
});
