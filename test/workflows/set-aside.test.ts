import { randomBytes, randomUUID } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeNowUpdate, statusQuery } from '../../src/contract/messages.js';
import { optOutStatusQuery } from '../../src/contract/opt-out.js';
import {
  answered,
  awaited,
  bytes,
  claimed,
  eventsOf,
  expectReplays,
  expectReplaysOn,
  failedTasksOf,
  phaseOf,
  sealedBy,
  startEncryptedRig,
  type EncryptedRig,
  type WorkerKind,
} from './encrypted-rig.js';
import { WAIT } from '../support/wait.js';
import { event } from './rig.js';

let rig: EncryptedRig;
beforeAll(async () => {
  rig = await startEncryptedRig();
});
afterAll(() => rig.stop());

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
  const at = rig.place(rig.clientWith(...keys));
  await at.withWorker({ keys }, async () => {
    const handle = await at.start();
    await awaited(handle);
    for (const [name, payload] of UNDECODABLE) {
      await rig.signalRaw(at, await payload());
      await rig.signalRaw(at, await payload(), 'unknownSignal');
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
  const at = rig.place(rig.clientWith('old'));
  const handle = await at.withWorker({ keys: ['old'] }, async () => {
    const started = await at.start();
    await awaited(started);
    await rig.signalRaw(at, await sealedBy('new', event()));
    await answered(started, 2);
    return started;
  });
  expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
  await at.withWorker({ keys: ['new', 'old'] }, async () => {
    const knowing = rig.clientWith('new', 'old').workflow.getHandle(at.workflowId);
    // Any event makes the worker look again, even one that would revoke the message.
    await knowing.signal('optedOut', { source: 'a test', sendTime: event().sendTime });
    await knowing.cancel();
    expect(await knowing.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
  await expectReplays(handle, 'new', 'old');
});

test('a signal that was taken fails the task of a worker that lost its key, until it is back', async () => {
  const at = rig.place(rig.clientWith('old'));
  const handle = await at.withWorker({ keys: ['old', 'new'] }, async () => {
    const started = await at.start();
    await awaited(started);
    await rig.signalRaw(at, await sealedBy('new', { ...event(), from: '+15550100002' }));
    await answered(started, 2);
    return started;
  });
  await at.withWorker({ keys: ['old'] }, async () => {
    await handle.signal('delivered', event('event-2'));
    await expect.poll(() => eventsOf(handle, 'workflowTaskFailed'), { timeout: WAIT }).toBeGreaterThan(0);
  });
  await at.withWorker({ keys: ['old', 'new'] }, async () => {
    expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
  await expectReplays(handle, 'new', 'old');
});

/**
 * A query makes the worker end its workflow task early. Then the signal comes before the answer to the create, and in a
 * replay perhaps after it. What was done with it must be repeated by a worker with other keys and rules.
 */
describe('a signal during the first create', () => {
  const sealed = () => sealedBy('later', { ...event(), from: '+15550100002' });
  const clear = (): Promise<Payload> => Promise.resolve(defaultPayloadConverter.toPayload(event()));
  const plain = { keys: ['current'] };
  const required = { keys: ['current'], encryptionRequired: true };
  const knowing = { keys: ['current', 'later'] };
  const CASES: readonly (readonly [string, WorkerKind, () => Promise<Payload>, WorkerKind])[] = [
    ['is sealed, and the key comes', plain, sealed, knowing],
    ['is in cleartext, and may be later', required, clear, plain],
    ['is in cleartext, and may not be later', plain, clear, required],
  ];
  const rounds = CASES.flatMap((one) => [1, 2, 3].map((round) => [...one, round] as const));
  test.each(rounds)('%s', async (_, first, payloadOf, second) => {
    const at = rig.place(rig.clientWith('current'));
    const handle = await at.start();
    const payload = await payloadOf();
    const sendRcs = async () => {
      await rig.signalRaw(at, payload, 'ttlExpirationRevoked');
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { acceptedEarlier: false };
    };
    const early = handle.query(statusQuery);
    await at.withWorker({ ...first, activities: { sendRcs } }, async () => {
      await early;
      await expect.poll(() => eventsOf(handle, 'workflowExecutionSignaled'), { timeout: WAIT }).toBe(1);
      await answered(handle, 2);
    });
    for (const kind of [first, second]) await expectReplaysOn(kind, handle);
    await at.withWorker(second, async () => {
      await handle.signal('delivered', event('event-2'));
      await rig.clientWith('current', 'later').workflow.getHandle(at.workflowId).result();
      expect(await failedTasksOf(handle)).toEqual([]);
    });
    // Perhaps it was taken by now, and then the first worker can't repeat that.
    for (const kind of [second, knowing]) await expectReplaysOn(kind, handle);
  });
});

test('a signal before the first task is set aside and replays with and without its key', async () => {
  const at = rig.place(rig.clientWith('current'));
  const handle = await at.start();
  await rig.signalRaw(at, await sealedBy('later', { ...event(), from: '+15550100002' }));
  await at.withWorker({ keys: ['current'] }, async () => {
    await awaited(handle);
    await handle.signal('delivered', event());
    expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
  await expectReplays(handle, 'current');
  await expectReplays(handle, 'current', 'later');
});

test('an update that can not be decrypted is refused with a text that says so', async () => {
  const at = rig.place(rig.clientWith());
  await at.withWorker({}, async () => {
    const handle = await at.start();
    await awaited(handle);
    const update = rig
      .clientWith('lost')
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
  const at = rig.place(rig.clientWith('late'));
  await at.start();
  const handle = rig.clientWith('current', 'late').workflow.getHandle(at.workflowId);
  await at.withWorker({ keys: ['current'] }, () =>
    expect.poll(() => eventsOf(handle, 'workflowTaskFailed'), { timeout: WAIT }).toBeGreaterThan(0),
  );
  await at.withWorker({ keys: ['current', 'late'] }, async () => {
    await awaited(handle);
    const garbage = { metadata: { encoding: bytes('binary/encrypted') }, data: bytes('x') };
    const { queryResult } = await rig.connection.workflowService.queryWorkflow({
      namespace: rig.namespace,
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
    const at = rig.place(rig.clientWith());
    await at.withWorker(required, async () => {
      const handle = await at.start();
      await expect(rig.clientWith('current').workflow.getHandle(at.workflowId).result()).rejects.toMatchObject({
        cause: {
          type: 'EncryptionRequired',
          nonRetryable: true,
          message: expect.stringContaining('require that. Nothing was sent.') as string,
        },
      });
      await expectReplays(handle);
      await expectReplays(handle, 'current');
    });
  });

  test('a cleartext start that another worker may have begun does not say that nothing was sent', async () => {
    const at = rig.place(rig.clientWith());
    const handle = await at.start();
    await handle.signal('read', event());
    await at.withWorker(required, async () => {
      await expect(rig.clientWith('current').workflow.getHandle(at.workflowId).result()).rejects.toMatchObject({
        cause: { message: expect.stringContaining('Unless a worker without that requirement had begun it') as string },
      });
    });
  });

  test('a cleartext signal and update change nothing, an encrypted one does', async () => {
    const at = rig.place(rig.clientWith('current'));
    const stranger = rig.clientWith().workflow.getHandle(at.workflowId);
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
    const at = rig.place(rig.clientWith());
    const handle = rig.clientWith('current').workflow.getHandle(at.workflowId);
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
    const stranger = await rig.clientWith().workflow.signalWithStart('optOut', {
      taskQueue,
      workflowId,
      args: [{ recipientHashes: [], agentIds: [] }],
      signal: 'optOut',
      signalArgs: [said],
    });
    const handle = rig.clientWith('current').workflow.getHandle(workflowId);
    await rig.onQueue(taskQueue, required, async () => {
      await stranger.signal('optIn', later);
      await rig.signalRaw({ workflowId }, claimed(randomBytes(60), 'nobody'), 'optIn');
      const status = await handle.query(optOutStatusQuery);
      expect(status).toMatchObject({ until: null, entries: [{ said: 'optOut' }] });
      await handle.signal('optIn', later);
      expect(await handle.result()).toMatchObject({ entries: [{ said: 'optOut' }, { said: 'optIn' }] });
      expect(await eventsOf(handle, 'workflowTaskFailed')).toBe(0);
      await expectReplays(handle, 'current');
    });
  });
});

test('an opt-in whose key comes later counts when the opt-out is renewed', async () => {
  const taskQueue = `set-aside-${randomUUID()}`;
  const workflowId = `opt-out:acme-agent:${randomUUID()}`;
  const said = { source: 'a test', sendTime: '2026-01-02T03:04:05Z' };
  const handle = await rig.clientWith('current').workflow.signalWithStart('optOut', {
    ...{ taskQueue, workflowId, args: [{ recipientHashes: [], agentIds: [] }], signal: 'optOut', signalArgs: [said] },
  });
  await rig.onQueue(taskQueue, { keys: ['current'] }, async () => {
    await rig.signalRaw(
      { workflowId },
      await sealedBy('later', { ...said, sendTime: '2026-01-02T03:04:06Z' }),
      'optIn',
    );
    expect(await handle.query(optOutStatusQuery)).toMatchObject({ until: null });
  });
  await rig.onQueue(taskQueue, { keys: ['current', 'later'] }, async () => {
    await handle.signal('renew');
    expect(await rig.clientWith('current', 'later').workflow.getHandle(workflowId).result()).toMatchObject({
      until: '2026-01-02T03:04:06.000Z',
    });
  });
  await expectReplays(handle, 'current', 'later');
});
