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
    expect(await deliveries.start(input)).toMatchObject({ isNew: false });
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

test('a delivery that failed on its input is started again, also by a client that can read neither', async () => {
  const input = message();
  const own = `fails-${randomUUID()}`;
  const { workflowId } = await encrypting('a', own).start(input);
  const common = { namespace: server.namespace, identity: 'a worker' };
  const { workflowService } = connection;
  const { taskToken } = await connection.withDeadline(Date.now() + 20_000, () =>
    workflowService.pollWorkflowTaskQueue({ ...common, taskQueue: { name: own } }),
  );
  const failure = { message: 'The input is not valid.', applicationFailureInfo: { type: 'InvalidInput' } };
  const commandType = proto.api.enums.v1.CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION;
  const commands = [{ commandType, failWorkflowExecutionCommandAttributes: { failure } }];
  await workflowService.respondWorkflowTaskCompleted({ ...common, taskToken, commands });

  expect(await deliveries.start(otherText(input))).toMatchObject({ workflowId, isNew: true });
  expect(await deliveries.start(otherText(input))).toMatchObject({ workflowId, isNew: false });
});

test('an input that is no object counts as the same message', async () => {
  const input = message();
  const { workflowId } = deliveries.handle(input);
  await temporal.workflow.start(WORKFLOW_TYPE, { workflowId, taskQueue, args: ['hello'] });
  expect(await deliveries.start(input)).toMatchObject({ isNew: false });
});
