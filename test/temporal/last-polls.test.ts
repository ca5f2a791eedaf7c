import { createServer } from 'node:http2';
import { NativeConnection, Worker } from '@temporalio/worker';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { lastPolls, type LastPolls } from '../../src/temporal/last-polls.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';

const identity = 'program/1.0@host#1';
const TIMEOUT_MS = 5_000;
let temporal: SharedTemporal;
beforeAll(async () => {
  temporal = await sharedTemporal();
});

async function connect(address: string): Promise<NativeConnection> {
  const connection = await NativeConnection.connect({ address });
  onTestFinished(() => connection.close());
  return connection;
}

test('says when a Worker of this identity last polled each queue, once it has', async () => {
  const { address, namespace } = temporal;
  const connection = await connect(address);
  const startedAt = Date.now();
  const activities = { nothing: () => Promise.resolve() };
  const worker = await Worker.create({ connection, namespace, taskQueue: 'polled', identity, activities });
  const ask = async (own = identity): Promise<(Date | undefined)[]> => {
    const queues = [
      { taskQueue: 'polled', kind: 'activity' },
      { taskQueue: 'polled', kind: 'workflow' },
      { taskQueue: 'other', kind: 'activity' },
    ] as const;
    const polls = await lastPolls(
      { connection, namespace, identity: own, timeoutMs: TIMEOUT_MS },
      queues,
      new Date(startedAt),
    );
    return polls.answer === 'polls' ? queues.map(polls.of) : [];
  };
  expect(await ask()).toEqual([undefined, undefined, undefined]);
  await worker.runUntil(async () => {
    await expect.poll(ask).toEqual([expect.any(Date), undefined, undefined]);
    const [time] = await ask();
    // Servers of other releases may cut the time to whole seconds.
    expect(time?.getTime()).toBeGreaterThan(startedAt - 1_000);
    expect(time?.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
    expect(await ask('program/1.0@host#2')).toEqual([undefined, undefined, undefined]);
  });
});

const QUEUE = { taskQueue: 'x', kind: 'workflow' } as const;
const askAt = async (connection: NativeConnection, timeoutMs = TIMEOUT_MS): Promise<LastPolls> =>
  lastPolls({ connection, namespace: 'default', identity, timeoutMs }, [QUEUE], new Date());

/** In gRPC's frame: it is not compressed, and has 0 bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Speaks gRPC. It lets clients connect, and answers each other call with this status. */
async function serverThatAnswers(grpcStatus: string | undefined): Promise<NativeConnection> {
  const server = createServer().on('stream', (stream, { ':path': path }) => {
    const headers = { ':status': 200, 'content-type': 'application/grpc' };
    if (path?.endsWith('/GetSystemInfo') === true) {
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': '0' });
      });
      stream.respond(headers, { waitForTrailers: true });
      stream.end(EMPTY_MESSAGE);
    } else if (grpcStatus !== undefined) {
      stream.respond({ ...headers, 'grpc-status': grpcStatus }, { endStream: true });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return connect(`127.0.0.1:${String((server.address() as { port: number }).port)}`);
}

test.each([
  ['PERMISSION_DENIED', 'refused', '7'],
  ['UNIMPLEMENTED', 'refused', '12'],
  ['UNAUTHENTICATED', 'unreachable', '16'],
])('%s means: %s', async (_, answer, status) => {
  expect(await askAt(await serverThatAnswers(status))).toEqual({ answer });
});

test('a Temporal that does not answer is waited for no longer than the limit', async () => {
  expect(await askAt(await serverThatAnswers(undefined), 200)).toEqual({ answer: 'unreachable' });
});

/** A queue of three partitions. `polls` has the seconds since 1970 at which this process last polled each, if it did. */
function partitioned(polls: Readonly<Record<string, number>>) {
  const asked: string[] = [];
  const workflowService = {
    listTaskQueuePartitions: () => {
      const keys = ['x', '/_sys/x/1', '/_sys/x/2'].map((key) => ({ key }));
      return Promise.resolve({ workflowTaskQueuePartitions: keys, activityTaskQueuePartitions: [] });
    },
    describeTaskQueue: ({ taskQueue: { name } }: { taskQueue: { name: string } }) => {
      asked.push(name);
      const other = { identity: 'program/1.0@host#2', lastAccessTime: { seconds: 999 } };
      const own = { identity, lastAccessTime: { seconds: polls[name], nanos: 0 } };
      return Promise.resolve({ pollers: polls[name] === undefined ? [other] : [other, own] });
    },
  };
  const connection = { workflowService, withDeadline: (_: unknown, work: () => Promise<unknown>) => work() };
  const lastPoll = async (sinceSeconds: number) => {
    const options = { namespace: 'default', identity, timeoutMs: TIMEOUT_MS };
    const given = { ...options, connection: connection as unknown as NativeConnection };
    const answer = await lastPolls(given, [QUEUE], new Date(sinceSeconds * 1_000));
    return answer.answer === 'polls' ? answer.of(QUEUE) : answer;
  };
  return { asked, lastPoll };
}

test('a process that polls another partition than the first is found there', async () => {
  const { lastPoll } = partitioned({ '/_sys/x/1': 100, '/_sys/x/2': 150 });
  expect(await lastPoll(90)).toEqual(new Date(150_000));
  expect(await partitioned({ x: 80, '/_sys/x/1': 100 }).lastPoll(90)).toEqual(new Date(100_000));
  expect(await partitioned({ x: 80 }).lastPoll(90)).toEqual(new Date(80_000));
  expect(await partitioned({}).lastPoll(90)).toBeUndefined();
});

test('the other partitions are not asked if the first one knows enough', async () => {
  const { lastPoll, asked } = partitioned({ x: 95, '/_sys/x/1': 100 });
  expect(await lastPoll(90)).toEqual(new Date(95_000));
  expect(asked).toEqual(['x']);
});
