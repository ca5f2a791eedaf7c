import { expect, test } from 'vitest';
import { createWorkerHealth, type WatchedWorker } from '../../src/health/worker-health.js';
import type { LastPolls } from '../../src/temporal/last-polls.js';

const SECOND = 1_000;
const ago = (ms: number) => new Date(Date.now() - ms);

/** Two Workers that run and have polled, in a process that has run for an hour. */
function rig({ startedAt = Date.now() - 3_600 * SECOND } = {}) {
  const abort = new AbortController();
  const states = { sends: 'RUNNING', texts: 'RUNNING' };
  const polls: Record<string, Date | undefined> = { sends: ago(0), texts: ago(65 * SECOND) };
  const temporal = {
    answer: (): LastPolls => ({ answer: 'polls', of: ({ taskQueue }) => polls[taskQueue] }),
    asked: 0,
  };
  const workers: WatchedWorker[] = [
    { name: 'deliveries', taskQueue: 'sends', kind: 'workflow', state: () => states.sends },
    { name: 'SMS', taskQueue: 'texts', kind: 'activity', state: () => states.texts },
  ];
  const lastPolls = () => {
    temporal.asked += 1;
    return Promise.resolve(temporal.answer());
  };
  const health = createWorkerHealth({ signal: abort.signal, startedAt });
  const watch = () => {
    health.watch({ workers, lastPolls });
  };
  return { health, watch, states, polls, temporal, abort };
}

const ALIVE = { status: 200, body: { status: 'alive' } };
const READY = { status: 200, body: { status: 'ready' } };
const notReady = (reason: string, more: object = {}) => ({
  status: 503,
  body: expect.objectContaining({ status: 'not ready', reason, ...more }) as object,
});
const SMS = { name: 'SMS', taskQueue: 'texts', kind: 'activity' };

test('a process that starts is alive and not ready', async () => {
  const { health } = rig();
  expect(health.alive()).toEqual(ALIVE);
  expect(await health.ready()).toEqual(notReady('not started'));
});

test('Workers that run and poll are alive and ready, also when idle', async () => {
  const { health, watch } = rig();
  watch();
  expect(health.alive()).toEqual(ALIVE);
  expect(await health.ready()).toEqual(READY);
});

test.each(['FAILED', 'STOPPED'])('a Worker that is %s is named, and the process is not alive', async (state) => {
  const { health, watch, states } = rig();
  watch();
  states.texts = state;
  expect(health.alive()).toEqual({
    status: 503,
    body: expect.objectContaining({ status: 'not alive', workers: [{ ...SMS, state }] }) as object,
  });
  expect(await health.ready()).toEqual(notReady('not running', { workers: [{ ...SMS, state }] }));
});

test.each(['INITIALIZED', 'STOPPING', 'DRAINING', 'DRAINED'])(
  'a Worker that is %s is not ready, and the process is alive',
  async (state) => {
    const { health, watch, states } = rig();
    watch();
    states.texts = state;
    expect(health.alive()).toEqual(ALIVE);
    expect(await health.ready()).toEqual(notReady('not running', { workers: [{ ...SMS, state }] }));
  },
);

test.each([
  ['that Temporal has not seen', undefined, null],
  ['whose last poll is too old', new Date('2026-01-02T03:04:05Z'), '2026-01-02T03:04:05.000Z'],
])('a Worker %s is named, and the process is not ready', async (_, poll, lastPoll) => {
  const { health, watch, polls } = rig();
  watch();
  polls['texts'] = poll;
  expect(await health.ready()).toEqual(notReady('no poll', { workers: [{ ...SMS, state: 'RUNNING', lastPoll }] }));
  expect(health.alive()).toEqual(ALIVE);
});

test('a poll of the process before this one, with the same identity, does not count', async () => {
  const { health, watch } = rig({ startedAt: Date.now() - 30 * SECOND });
  watch();
  expect(await health.ready()).toEqual(notReady('no poll'));
});

test('without Temporal, the process is alive and not ready', async () => {
  const { health, watch, temporal } = rig();
  watch();
  temporal.answer = () => ({ answer: 'unreachable' });
  expect(health.alive()).toEqual(ALIVE);
  expect(await health.ready()).toEqual(notReady('not connected'));
});

test('where Temporal does not permit the question, the states decide, and the body says so', async () => {
  const { health, watch, temporal, states } = rig();
  watch();
  temporal.answer = () => ({ answer: 'refused' });
  expect(await health.ready()).toEqual({
    status: 200,
    body: { status: 'ready', note: expect.stringContaining('DescribeTaskQueue') as string },
  });
  states.sends = 'FAILED';
  expect((await health.ready()).status).toBe(503);
});

test('a process that shuts down is not ready at once, and alive until the end', async () => {
  const { health, watch, abort, states, temporal } = rig();
  watch();
  const asked = health.ready();
  abort.abort();
  expect(await asked).toEqual(notReady('draining'));
  states.sends = 'STOPPED';
  expect(await health.ready()).toEqual(notReady('draining'));
  expect(health.alive()).toEqual(ALIVE);
  expect(temporal.asked).toBe(1);
});

test('probes in quick succession share one answer of Temporal', async () => {
  const { health, watch, temporal } = rig();
  watch();
  await Promise.all([health.ready(), health.ready()]);
  await health.ready();
  expect(temporal.asked).toBe(1);
});
