import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConflictError,
  createDataConverter,
  createDeliveryClient,
  parseEncryptionKeys,
  WORKFLOW_TYPE,
  type DeliveryClient,
  type StartInput,
} from '../../src/index.js';
import { keyText } from '../encryption/test-keys.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';

const { CommandType } = proto.api.enums.v1;
type Command = proto.api.command.v1.ICommand;

/** No worker listens here: what a start says depends on none. */
const taskQueue = 'nobody-listens-here';

let server: SharedTemporal;
let connection: Connection;
let temporal: Client;
let deliveries: DeliveryClient;
/** Calls to the server, by method. */
const calls: string[] = [];

beforeAll(async () => {
  server = await sharedTemporal();
  connection = await Connection.connect({
    address: server.address,
    interceptors: [
      (options, next) => {
        calls.push(options.method_definition.path.split('/').at(-1) ?? '');
        return next(options) as never;
      },
    ],
  });
  temporal = new Client({ connection, namespace: server.namespace });
  deliveries = createDeliveryClient({ client: temporal, taskQueue });
});
afterAll(() => connection.close());

const message = (changes: Partial<StartInput> = {}): StartInput => ({
  agentId: 'acme',
  messageId: randomUUID(),
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
  ttl: '3600s',
  ...changes,
});
const soon = (ms: number) => new Date(Date.now() + ms);
const otherText = (input: StartInput): StartInput => ({ ...input, contentMessage: { text: 'Your code is 771204' } });
const conflictOf = async (promise: Promise<unknown>): Promise<ConflictError> => {
  const error: unknown = await promise.catch((caught: unknown) => caught);
  if (!(error instanceof ConflictError)) throw new Error('expected a ConflictError', { cause: error });
  return error;
};
const encrypting = (key: string, ownQueue = taskQueue) => {
  const dataConverter = createDataConverter({ keys: parseEncryptionKeys(keyText(key)) });
  const client = new Client({ connection, namespace: server.namespace, ...(dataConverter && { dataConverter }) });
  return createDeliveryClient({ client, taskQueue: ownQueue });
};

const statusName = async (workflowId: string) => (await temporal.workflow.getHandle(workflowId).describe()).status.name;

/** Takes the next workflow task of the queue, and answers it with one command. */
async function closeWorkflow(queue: string, command: Command): Promise<void> {
  const common = { namespace: server.namespace, identity: 'a worker' };
  const { workflowService } = connection;
  const { taskToken } = await connection.withDeadline(Date.now() + 20_000, () =>
    workflowService.pollWorkflowTaskQueue({ ...common, taskQueue: { name: queue } }),
  );
  await workflowService.respondWorkflowTaskCompleted({ ...common, taskToken, commands: [command] });
}

test('the first start makes one call', async () => {
  calls.length = 0;
  expect(await deliveries.start(message())).toMatchObject({ isNew: true });
  expect(calls).toEqual(['StartWorkflowExecution']);
});

test('the same message again is not new, however it is written', async () => {
  const expireTime = new Date(Date.now() + 3_600_000);
  const input = message({ ttl: undefined, expireTime });
  await deliveries.start(input);
  const [id, at] = [input.messageId.toUpperCase(), expireTime.toISOString().replace('Z', '+00:00')];
  const again = { agentId: 'acme@rbm.goog', messageId: id, recipient: '+1 555 010 0001', expireTime: at };
  expect(await deliveries.start({ ...input, ...again })).toMatchObject({ isNew: false });
});

test('the same message again is not new after the default type of its agent was changed', async () => {
  const clientWith = (messageTrafficType: 'PROMOTION' | 'TRANSACTION') =>
    createDeliveryClient({ client: temporal, taskQueue, agents: [{ agentId: 'acme', messageTrafficType }] });
  const input = message({ messageTrafficType: undefined });
  await clientWith('PROMOTION').start(input);
  expect(await clientWith('TRANSACTION').start(input)).toMatchObject({ isNew: false });
  const named = clientWith('TRANSACTION').start({ ...input, messageTrafficType: 'TRANSACTION' });
  expect((await conflictOf(named)).fields).toEqual(['messageTrafficType']);
});

describe('a start whose expireTime has passed', () => {
  const late = { code: 'INVALID_INPUT', problems: [{ field: 'expireTime', problem: 'must be in the future' }] };

  test('returns the delivery that was started before, and tells another input from it', async () => {
    const input = message({ ttl: undefined, expireTime: soon(1_500) });
    expect((await deliveries.start(input)).isNew).toBe(true);
    await expect.poll(() => Number(input.expireTime) < Date.now()).toBe(true);
    expect((await deliveries.start(input)).isNew).toBe(false);
    expect((await conflictOf(deliveries.start(otherText(input)))).fields).toEqual(['contentMessage.text']);
  });

  test('starts nothing', async () => {
    const input = message({ ttl: undefined, expireTime: soon(-1) });
    await expect(deliveries.start(input)).rejects.toMatchObject(late);
    await expect(deliveries.start(input)).rejects.toMatchObject(late);
  });
});

describe('another input', () => {
  test('is CONFLICT: it names the fields, says what to do and repeats no value', async () => {
    const input = message({ fallback: { sms: { text: 'Your code is 482913' } } });
    const { workflowId } = await deliveries.start(input);
    const other = { ...otherText(input), fallback: { sms: { text: 'Your code is 771204' } } };
    const error = await conflictOf(deliveries.start(other));
    expect(error).toMatchObject({ code: 'CONFLICT', workflowId, fields: ['contentMessage.text', 'fallback.sms.text'] });
    expect(error.message).toBe(
      'a delivery of this message was started with another input (different: contentMessage.text, fallback.sms.text); ' +
        'a new code is a new message and needs a new messageId',
    );
  });

  test('is CONFLICT when the delivery is closed, too', async () => {
    const input = message();
    const { workflowId } = await deliveries.start(input);
    await temporal.workflow.getHandle(workflowId).terminate();
    expect((await conflictOf(deliveries.start({ ...input, ttl: '60s' }))).fields).toEqual(['ttl']);
  });

  test('is a result of startMany', async () => {
    const input = message();
    const results = [];
    for await (const result of deliveries.startMany([input, otherText(input), input], { concurrency: 1 })) {
      results.push(result.ok ? result.handle.isNew : (result.error as ConflictError).code);
    }
    expect(results).toEqual([true, 'CONFLICT', false]);
  });

  test('of two starts at the same time: one is new, the other is CONFLICT', async () => {
    for (let round = 0; round < 5; round += 1) {
      const input = message();
      const results = await Promise.allSettled([deliveries.start(input), deliveries.start(otherText(input))]);
      const said = results.map((one) =>
        one.status === 'fulfilled' ? one.value.isNew : (one.reason as ConflictError).code,
      );
      expect(said.sort()).toEqual(['CONFLICT', true]);
    }
  });
});

describe('an input that is encrypted', () => {
  test('is compared if the client has its key', async () => {
    const input = message();
    expect(await encrypting('a').start(input)).toMatchObject({ isNew: true });
    expect(await encrypting('a').start(input)).toMatchObject({ isNew: false });
    expect((await conflictOf(encrypting('a').start(otherText(input)))).fields).toEqual(['contentMessage.text']);
  });

  test.each<[string, () => DeliveryClient]>([
    ['with another key', () => encrypting('b')],
    ['without keys', () => deliveries],
  ])('counts as the same message for a client %s', async (_title, client) => {
    const input = message();
    await encrypting('a').start(input);
    expect(await client().start(otherText(input))).toMatchObject({ isNew: false });
  });
});

describe('a delivery that closed without an outcome: the start says so, every time, and starts nothing', () => {
  const failed = (workflowId: string, executionStatus: string) => ({
    code: 'DELIVERY_FAILED',
    executionStatus,
    message:
      `the delivery ${workflowId} ended as ${executionStatus}: nothing was started. ` +
      'If the message is to be sent all the same, it needs a new messageId',
  });
  const expectFailed = async (input: StartInput, executionStatus: string) => {
    const { workflowId } = deliveries.handle(input);
    for (let times = 0; times < 2; times += 1)
      await expect(deliveries.start(input)).rejects.toMatchObject(failed(workflowId, executionStatus));
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    expect(status.name).not.toBe('RUNNING');
  };

  test('terminated, also if its expireTime has passed, and as a result of startMany', async () => {
    const input = message({ ttl: undefined, expireTime: soon(1_500) });
    const { workflowId } = await deliveries.start(input);
    await temporal.workflow.getHandle(workflowId).terminate();
    await expectFailed(input, 'TERMINATED');
    await expect.poll(() => Number(input.expireTime) < Date.now(), { timeout: 5_000 }).toBe(true);
    await expectFailed(input, 'TERMINATED');
    for await (const result of deliveries.startMany([input]))
      expect(!result.ok && result.error).toMatchObject(failed(workflowId, 'TERMINATED'));
  });

  test('timed out', async () => {
    const input = message();
    const { workflowId } = deliveries.handle(input);
    const options = { workflowId, taskQueue, args: [input], workflowExecutionTimeout: '1s' } as const;
    await temporal.workflow.start(WORKFLOW_TYPE, options);
    await expect.poll(() => statusName(workflowId), { timeout: 10_000 }).toBe('TIMED_OUT');
    await expectFailed(input, 'TIMED_OUT');
  });

  test('failed on a bug, or cancelled by a worker that knows no outcome', async () => {
    const own = `closes-${randomUUID()}`;
    const client = createDeliveryClient({ client: temporal, taskQueue: own });
    const input = message();
    await client.start(input);
    const type = 'TypeError';
    await closeWorkflow(own, {
      commandType: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
      failWorkflowExecutionCommandAttributes: { failure: { message: 'x', applicationFailureInfo: { type } } },
    });
    await expectFailed(input, 'FAILED');
    await expect(deliveries.start(input)).rejects.toMatchObject({ failureType: type });
    const other = message();
    await client.start(other);
    await closeWorkflow(own, {
      commandType: CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION,
      cancelWorkflowExecutionCommandAttributes: {},
    });
    await expectFailed(other, 'CANCELLED');
  });

  test('while Temporal still deletes it; once it is gone, the message is new', async () => {
    const input = message();
    const { workflowId } = await deliveries.start(input);
    const { namespace } = server;
    await connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
    const said = new Set<unknown>();
    const again = async () => {
      const answer = await deliveries.start(input).then(
        ({ isNew }) => isNew,
        (error: unknown) => (error as { code: string }).code,
      );
      said.add(answer);
      return answer;
    };
    await expect.poll(again, { timeout: 30_000 }).toBe(true);
    said.delete('DELIVERY_FAILED');
    said.delete('TEMPORAL_UNAVAILABLE');
    expect([...said]).toEqual([true]);
  });

  test('a reset one runs, so it is returned', async () => {
    const own = `reset-${randomUUID()}`;
    const input = message();
    const client = createDeliveryClient({ client: temporal, taskQueue: own });
    const { workflowId } = await client.start(input);
    await closeWorkflow(own, {
      commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
      completeWorkflowExecutionCommandAttributes: {},
    });
    expect(await client.start(input)).toMatchObject({ isNew: false });
    const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const task = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
    await connection.workflowService.resetWorkflowExecution({
      namespace: server.namespace,
      workflowExecution: { workflowId },
      workflowTaskFinishEventId: task ?? null,
      requestId: randomUUID(),
    });
    expect(await client.start(input)).toMatchObject({ isNew: false });
  });
});

test('a delivery that failed on its input is started again, also by a client that can read neither', async () => {
  const input = message();
  const own = `fails-${randomUUID()}`;
  const { workflowId } = await encrypting('a', own).start(input);
  await closeWorkflow(own, {
    commandType: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
    failWorkflowExecutionCommandAttributes: {
      failure: { message: 'The input is not valid.', applicationFailureInfo: { type: 'InvalidInput' } },
    },
  });

  expect(await deliveries.start(otherText(input))).toMatchObject({ workflowId, isNew: true });
  expect(await deliveries.start(otherText(input))).toMatchObject({ workflowId, isNew: false });
});

test('an input that is no object counts as the same message', async () => {
  const input = message();
  const { workflowId } = deliveries.handle(input);
  await temporal.workflow.start(WORKFLOW_TYPE, { workflowId, taskQueue, args: ['hello'] });
  expect(await deliveries.start(input)).toMatchObject({ isNew: false });
});
