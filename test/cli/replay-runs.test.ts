import { describe, expect, test } from 'vitest';
import { TemporalRefusedError, TemporalUnavailableError } from '../../src/temporal/temporal-errors.js';
import { replayRuns, type ReplayRunsOptions, type Run } from '../../src/cli/replay-runs.js';
import { replayText } from '../../src/cli/replay-view.js';
import { randomSample } from '../../src/cli/random-sample.js';

const runs = (count: number): Run[] =>
  Array.from({ length: count }, (_, index) => ({ workflowId: `w${String(index)}`, runId: `r${String(index)}` }));
const stored = ({ workflowId }: Run) => Promise.resolve({ workflowId, events: [] });
const divergence = { events: [5], history: 'TimerStarted', build: 'schedules an activity' };
const down = () => Promise.reject(new TemporalUnavailableError('no connection'));

function replayed(options: Partial<ReplayRunsOptions> = {}) {
  return replayRuns({
    runs: runs(5),
    fetch: stored,
    replay: () => Promise.resolve({ outcome: 'replayed' }),
    concurrency: 2,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    pausesMs: [0],
    ...options,
  });
}

test('a deleted history and one without a task are skipped and counted, and those that diverge too', async () => {
  const seen: string[] = [];
  const tally = await replayed({
    fetch: (run) => (run.workflowId === 'w1' ? Promise.resolve(undefined) : stored(run)),
    replay: ({ workflowId }) =>
      Promise.resolve(
        workflowId === 'w2'
          ? { outcome: 'notBegun' }
          : workflowId === 'w3'
            ? { outcome: 'diverged', divergence }
            : { outcome: 'replayed' },
      ),
    onProgress: (finished, diverged) => seen.push(`${String(finished)}/${String(diverged)}`),
  });
  expect(tally).toEqual({
    ...{ replayed: 2, diverged: 1, unread: 0, skipped: { deleted: 1, notBegun: 1 }, stopped: null },
    divergences: [{ workflowId: 'w3', runId: 'r3', ...divergence }],
  });
  expect(seen).toEqual(['1/0', '2/0', '3/0', '4/1', '5/1']);
});

test('all that diverge are counted, and the first three described', async () => {
  const tally = await replayed({ replay: () => Promise.resolve({ outcome: 'diverged', divergence }) });
  expect(tally).toMatchObject({ diverged: 5 });
  expect(tally.divergences.map(({ workflowId }) => workflowId)).toEqual(['w0', 'w1', 'w2']);
});

describe('a history that Temporal does not return', () => {
  test('is fetched again', async () => {
    let attempts = 0;
    const fetch = (run: Run) => ((attempts += 1) === 1 ? down() : stored(run));
    expect(await replayed({ fetch })).toMatchObject({ replayed: 5, unread: 0 });
  });

  test('is counted, and the others are replayed', async () => {
    const fetch = (run: Run) => (run.workflowId === 'w1' ? down() : stored(run));
    expect(await replayed({ fetch })).toMatchObject({ replayed: 4, unread: 1, stopped: null });
  });

  test('ends the run if there are as many in a row as are fetched at a time', async () => {
    expect(await replayed({ runs: runs(9), fetch: down })).toMatchObject({ unread: 2, stopped: 'unavailable' });
  });

  test('because it is refused, is an error', async () => {
    const fetch = () => Promise.reject(new TemporalRefusedError('PERMISSION_DENIED'));
    await expect(replayed({ fetch })).rejects.toThrow('PERMISSION_DENIED');
  });
});

test('no more histories are in memory than are fetched at a time, and one that is replayed', async () => {
  let [held, most] = [0, 0];
  await replayed({
    runs: runs(50),
    fetch: (run) => {
      most = Math.max(most, (held += 1));
      return stored(run);
    },
    replay: () => {
      held -= 1;
      return Promise.resolve({ outcome: 'replayed' });
    },
  });
  expect(most).toBeLessThanOrEqual(3);
});

test('an interruption stops it, and what is done counts', async () => {
  const controller = new AbortController();
  const replay = ({ workflowId }: { readonly workflowId: string }) => {
    if (workflowId === 'w1') controller.abort();
    return Promise.resolve({ outcome: 'replayed' as const });
  };
  expect(await replayed({ replay, signal: controller.signal })).toMatchObject({ replayed: 2, stopped: 'interrupted' });
});

test('the text fits 80 columns', async () => {
  const workflowId = 'message-delivery:acme-agent:3a8467ea-ab5a-418f-be9b-8d6324854200';
  const runId = '01a50d0f-0f6b-7c2c-8f1b-6f0a3a1f5f10';
  const described = { events: [11, 22], history: 'ActivityTaskScheduled (revokeRcs)', build: 'starts a timer' };
  const tally = {
    ...(await replayed({ runs: runs(0) })),
    ...{ replayed: 989, diverged: 4, unread: 1, skipped: { deleted: 2, notBegun: 4 } },
    divergences: [{ workflowId, runId, ...described }],
  };
  const text = replayText(tally, 4_312);
  expect(text).toBe(`1,000 of 4,312 histories:
  989 replayed
    4 skipped: no worker has begun the workflow
    2 skipped: deleted meanwhile
    1 not read: no answer from Temporal
    4 diverged, such as the 1 below

${workflowId}
  run                ${runId}
  one of the events  11, 22
  the history has    ActivityTaskScheduled (revokeRcs)
  this build         starts a timer`);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

describe('a random sample', () => {
  const numbers = async function* (count: number) {
    for (let number = 0; number < count; number += 1) yield await Promise.resolve(number);
  };

  test('is all if there are not more', async () => {
    expect(await randomSample(numbers(3), { size: 5 })).toEqual([0, 1, 2]);
  });

  test('has every item about as often as the others, and none twice', async () => {
    const times = Array.from({ length: 10 }, () => 0);
    for (let round = 0; round < 3_000; round += 1) {
      const chosen = await randomSample(numbers(10), { size: 3 });
      expect(new Set(chosen).size).toBe(3);
      for (const number of chosen) times[number] = (times[number] ?? 0) + 1;
    }
    // 900 on average, with a standard deviation of 25.
    for (const count of times) expect(Math.abs(count - 900)).toBeLessThan(200);
  });
});
