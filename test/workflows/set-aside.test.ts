import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, METADATA_ENCODING_KEY, type Payload } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowIdFor } from '../../src/contract/ids.js';
import { revokeNowUpdate, statusQuery } from '../../src/contract/messages.js';
import { optOutStatusQuery } from '../../src/contract/opt-out.js';
import { createDataConverter, forWorkflows } from '../../src/encryption/data-converter.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { testKeys } from '../encryption/test-keys.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { createReplayer } from '../support/replayer.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { builtWorkflows, encryptingWorkflows } from '../support/workflow-bundle.js';
import { event, inputWith } from './rig.js';

let temporal: SharedTemporal;
let connection: Connection;
let native: NativeConnection;
beforeAll(async () => {
  quietTemporal();
  temporal = await sharedTemporal();
  connection = await Connection.connect({ address: temporal.address });
  native = await NativeConnection.connect({ address: temporal.address });
});
afterAll(async () => {
  await native.close();
  await connection.close();
});

interface WorkerKind {
  readonly keys?: readonly string[];
  readonly encryptionRequired?: boolean;
  readonly sendRcs?: typeof fakeActivities.sendRcs;
}

const converterOf = (keys: readonly string[] = []) => createDataConverter({ keys: testKeys(...keys) });

function clientWith(...keys: readonly string[]): Client {
  const dataConverter = keys.length === 0 ? undefined : converterOf(keys);
  return new Client({ connection, namespace: temporal.namespace, ...(dataConverter && { dataConverter }) });
}

/** A delivery on a task queue of its own, which the workers of one test serve one after another. */
function place(starter: Client, given: Parameters<typeof inputWith>[0] = {}) {
  const taskQueue = `set-aside-${randomUUID()}`;
  const input = inputWith({ revocation: { grace: '1s' }, ...given });
  const workflowId = workflowIdFor(input);
  return {
    workflowId,
    start: () => starter.workflow.start('messageDelivery', { taskQueue, workflowId, args: [input] }),
    withWorker: <T>(kind: WorkerKind, use: () => Promise<T>): Promise<T> => onQueue(taskQueue, kind, use),
  };
}

/** Runs `use` while a worker of this kind runs. */
async function onQueue<T>(
  taskQueue: string,
  { keys = [], encryptionRequired, sendRcs }: WorkerKind,
  use: () => Promise<T>,
): Promise<T> {
  const worker = await createDeliveryWorker({
    connection: native,
    namespace: temporal.namespace,
    taskQueue,
    encryptionRequired,
    activities: { ...fakeActivities, ...(sendRcs && { sendRcs }) },
    dataConverter: keys.length === 0 ? undefined : converterOf(keys),
    worker: keys.length === 0 ? builtWorkflows : encryptingWorkflows,
  });
  return worker.runUntil(use);
}

/** Sends a signal as any program can that may write to the namespace. */
async function signalRaw({ workflowId }: { readonly workflowId: string }, payload: Payload, signalName = 'delivered') {
  await connection.workflowService.signalWorkflowExecution({
    namespace: temporal.namespace,
    workflowExecution: { workflowId },
    signalName,
    input: { payloads: [payload] },
    requestId: randomUUID(),
  });
}

const bytes = (text: string) => Buffer.from(text);
const claimed = (data: Uint8Array, keyId?: string): Payload => ({
  metadata: {
    [METADATA_ENCODING_KEY]: bytes('binary/encrypted'),
    ...(keyId !== undefined && { 'encryption-key-id': bytes(keyId) }),
  },
  data,
});

async function sealedBy(keyId: string, value: unknown): Promise<Payload> {
  const [payload] = await createPayloadCodec({ keys: testKeys(keyId) }).encode([
    defaultPayloadConverter.toPayload(value),
  ]);
  if (payload === undefined) throw new Error('nothing was encoded');
  return payload;
}

const phaseOf = async (handle: WorkflowHandle) => (await handle.query(statusQuery)).phase;
const awaited = (handle: WorkflowHandle, phase = 'AWAITING_DELIVERY') =>
  expect.poll(() => phaseOf(handle), { timeout: 20_000 }).toBe(phase);

async function eventsOf(handle: WorkflowHandle, kind: string): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((one) => (one as Record<string, unknown>)[`${kind}EventAttributes`] != null).length;
}

/** Resolves once the worker has answered the task that a signal caused. */
const answered = (handle: WorkflowHandle, tasks: number) =>
  expect.poll(() => eventsOf(handle, 'workflowTaskCompleted'), { timeout: 20_000 }).toBeGreaterThanOrEqual(tasks);

async function expectReplays(handle: WorkflowHandle, ...keys: readonly string[]) {
  const dataConverter = forWorkflows(keys.length === 0 ? undefined : converterOf(keys));
  const code = keys.length === 0 ? builtWorkflows : encryptingWorkflows;
  const replayer = createReplayer({ ...code, ...(dataConverter && { dataConverter }) });
  try {
    await replayer.replay(await handle.fetchHistory());
  } finally {
    await replayer.close();
  }
}

const damaged = async () => {
  const payload = await sealedBy('current', event());
  const data = Uint8Array.from(payload.data ?? []);
  data.set([(data[0] ?? 0) ^ 1]);
  return { ...payload, data };
};

const UNDECODABLE: readonly (readonly [string, () => Promise<Payload> | Payload])[] = [
  ['three bytes without a key id', () => claimed(Buffer.from('AAEC', 'base64'))],
  ['bytes under a key id that nobody has', () => claimed(randomBytes(60), 'nobody')],
  ['bytes under the key id of the workers', () => claimed(randomBytes(60), 'current')],
  ['too few bytes', () => claimed(randomBytes(20), 'current')],
  ['another nonce', damaged],
  ['a key id of another form', () => claimed(randomBytes(60), 'no key id\n')],
  ['an endless encoding', () => ({ metadata: { encoding: Buffer.alloc(300_000, 65) }, data: bytes('{}') })],
  ['an encoding that nobody knows', () => ({ metadata: { encoding: bytes('binary/x') }, data: bytes('{}') })],
];

test.each([
  ['without keys', []],
  ['with keys', ['current']],
])('on a worker %s what it can not decode is ignored, and blocks nothing', async (_, keys) => {
  const at = place(clientWith(...keys));
  await at.withWorker({ keys }, async () => {
    const handle = await at.start();
    await awaited(handle);
    for (const [name, payload] of UNDECODABLE) {
      await signalRaw(at, await payload());
      await signalRaw(at, await payload(), 'unknownSignal');
      // The worker has answered the tasks of both.
      await awaited(handle);
      expect([name, await eventsOf(handle, 'workflowTaskFailed')]).toEqual([name, 0]);
    }
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ outcome: 'CANCELLED' });
    expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
    await expectReplays(handle, ...keys);
  });
});

test('a signal of a key that comes later counts then, and the history replays', async () => {
  const at = place(clientWith('old'));
  const handle = await at.withWorker({ keys: ['old'] }, async () => {
    const started = await at.start();
    await awaited(started);
    await signalRaw(at, await sealedBy('new', event()));
    await answered(started, 2);
    return started;
  });
  expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
  await at.withWorker({ keys: ['new', 'old'] }, async () => {
    const knowing = clientWith('new', 'old').workflow.getHandle(at.workflowId);
    // Any event makes the worker look again, even one that would revoke the message.
    await knowing.signal('optedOut', { source: 'a test', sendTime: event().sendTime });
    await knowing.cancel();
    expect(await knowing.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
  await expectReplays(handle, 'new', 'old');
});

test('a signal that was taken fails the task of a worker that lost its key, until it is back', async () => {
  const at = place(clientWith('old'));
  const handle = await at.withWorker({ keys: ['old', 'new'] }, async () => {
    const started = await at.start();
    await awaited(started);
    await signalRaw(at, await sealedBy('new', { ...event(), from: '+15550100002' }));
    await answered(started, 2);
    return started;
  });
  await at.withWorker({ keys: ['old'] }, async () => {
    await handle.signal('delivered', event('event-2'));
    await expect.poll(() => eventsOf(handle, 'workflowTaskFailed'), { timeout: 20_000 }).toBeGreaterThan(0);
  });
  await at.withWorker({ keys: ['old', 'new'] }, async () => {
    expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
  await expectReplays(handle, 'new', 'old');
});

/**
 * A query makes the worker end its workflow task early. Then the signal is seen before the answer to the create, and by a
 * replay after it. That happens in a few of these rounds.
 */
test.each(Array.from({ length: 8 }, (_, index) => index))(
  'a signal that is set aside during the first create replays (%i)',
  async () => {
    const at = place(clientWith('current'));
    const sendRcs = async () => {
      await signalRaw(at, claimed(randomBytes(60), 'nobody'));
      return { acceptedEarlier: false };
    };
    await at.withWorker({ keys: ['current'], sendRcs }, async () => {
      const handle = await at.start();
      await awaited(handle);
      await answered(handle, 2);
      await handle.signal('delivered', event());
      expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
      await expectReplays(handle, 'current');
    });
  },
);

test('a signal before the first task is set aside and replays with and without its key', async () => {
  const at = place(clientWith('current'));
  const handle = await at.start();
  await signalRaw(at, await sealedBy('later', { ...event(), from: '+15550100002' }));
  await at.withWorker({ keys: ['current'] }, async () => {
    await awaited(handle);
    await handle.signal('delivered', event());
    expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
  await expectReplays(handle, 'current');
  await expectReplays(handle, 'current', 'later');
});

test('an update that can not be decrypted is refused with a text that says so', async () => {
  const at = place(clientWith());
  await at.withWorker({}, async () => {
    const handle = await at.start();
    await awaited(handle);
    const update = clientWith('lost')
      .workflow.getHandle(at.workflowId)
      .executeUpdate(revokeNowUpdate, { args: [{ reason: 'r', fallback: 'none' }] });
    await expect(update).rejects.toMatchObject({
      cause: {
        type: 'UpdateRefused',
        message: 'revokeNow refused: it is encrypted with a key that this worker does not have',
        details: [{ refusal: 'invalid' }],
      },
    });
    expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
    await handle.signal('delivered', event());
    expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
    await expectReplays(handle);
  });
});

test('a start that can not be decrypted waits for the key; a query with garbage is answered', async () => {
  const at = place(clientWith('late'));
  await at.start();
  const handle = clientWith('current', 'late').workflow.getHandle(at.workflowId);
  await at.withWorker({ keys: ['current'] }, () =>
    expect.poll(() => eventsOf(handle, 'workflowTaskFailed'), { timeout: 20_000 }).toBeGreaterThan(0),
  );
  await at.withWorker({ keys: ['current', 'late'] }, async () => {
    await awaited(handle);
    const garbage = { metadata: { encoding: bytes('binary/encrypted') }, data: bytes('x') };
    const { queryResult } = await connection.workflowService.queryWorkflow({
      namespace: temporal.namespace,
      execution: { workflowId: at.workflowId },
      query: { queryType: 'status', queryArgs: { payloads: [garbage] }, header: { fields: { traceparent: garbage } } },
    });
    expect(queryResult?.payloads).toHaveLength(1);
    await handle.signal('delivered', event());
    await handle.result();
  });
});

describe('where encryption is required', () => {
  const required = { keys: ['current'], encryptionRequired: true };

  test('a cleartext start fails at once by name, and replays on any worker', async () => {
    const at = place(clientWith());
    await at.withWorker(required, async () => {
      const handle = await at.start();
      await expect(clientWith('current').workflow.getHandle(at.workflowId).result()).rejects.toMatchObject({
        cause: { type: 'EncryptionRequired', nonRetryable: true },
      });
      await expectReplays(handle);
      await expectReplays(handle, 'current');
    });
  });

  test('a cleartext signal and update change nothing, an encrypted one does', async () => {
    const at = place(clientWith('current'));
    const stranger = clientWith().workflow.getHandle(at.workflowId);
    await at.withWorker(required, async () => {
      const handle = await at.start();
      await awaited(handle);
      await stranger.signal('delivered', event());
      await expect(
        stranger.executeUpdate(revokeNowUpdate, { args: [{ reason: 'r', fallback: 'none' }] }),
      ).rejects.toThrow();
      expect(await phaseOf(handle)).toBe('AWAITING_DELIVERY');
      await handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'r', fallback: 'none' }] });
      await handle.signal('delivered', event());
      expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
      await expectReplays(handle, 'current');
    });
  });

  test('a delivery from before goes on, with the cleartext signals that it took', async () => {
    const at = place(clientWith());
    const handle = clientWith('current').workflow.getHandle(at.workflowId);
    await at.withWorker({ keys: ['current'] }, async () => {
      const started = await at.start();
      await awaited(handle);
      await started.signal('read', { ...event(), from: '+15550100002' });
      await answered(started, 2);
    });
    await at.withWorker(required, async () => {
      await handle.signal('delivered', event('event-2'));
      expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
      expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
      await expectReplays(handle, 'current');
    });
  });

  test('an opt-out counts even in cleartext, an opt-in does not', async () => {
    const taskQueue = `set-aside-${randomUUID()}`;
    const workflowId = `opt-out:acme-agent:${randomUUID()}`;
    const said = { source: 'a test', sendTime: '2026-01-02T03:04:05Z' };
    const later = { ...said, sendTime: '2026-01-02T03:04:06Z' };
    const stranger = await clientWith().workflow.signalWithStart('optOut', {
      taskQueue,
      workflowId,
      args: [{ recipientHashes: [], agentIds: [] }],
      signal: 'optOut',
      signalArgs: [said],
    });
    const handle = clientWith('current').workflow.getHandle(workflowId);
    await onQueue(taskQueue, required, async () => {
      await stranger.signal('optIn', later);
      await signalRaw({ workflowId }, claimed(randomBytes(60), 'nobody'), 'optIn');
      const status = await handle.query(optOutStatusQuery);
      expect(status).toMatchObject({ until: null, entries: [{ said: 'optOut' }] });
      await handle.signal('optIn', later);
      expect(await handle.result()).toMatchObject({ entries: [{ said: 'optOut' }, { said: 'optIn' }] });
      expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
      await expectReplays(handle, 'current');
    });
  });
});
