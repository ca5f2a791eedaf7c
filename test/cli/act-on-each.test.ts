import { expect, test } from 'vitest';
import { actOnEach, type ActOnEachOptions, type Done } from '../../src/cli/act-on-each.js';
import { DeliveryClosedError, NoWorkerError, TemporalUnavailableError, UpdateRejectedError } from '../../src/index.js';

async function* ids(count: number) {
  for (let i = 0; i < count; i += 1) yield await Promise.resolve(`id-${String(i)}`);
}
const tally = (act: ActOnEachOptions['act'], changes: Partial<ActOnEachOptions> = {}) =>
  actOnEach({
    workflowIds: ids(10),
    act,
    concurrency: 3,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    pausesMs: [0, 0],
    ...changes,
  });
const done = (): Promise<Done> => Promise.resolve({ done: true });

test('counts what was done, skipped and failed, and a failure stops nothing', async () => {
  const answers: Record<string, () => Promise<Done>> = {
    'id-1': () => Promise.resolve({ skipped: 'why not' }),
    'id-2': () => Promise.reject(new DeliveryClosedError('id-2')),
    'id-3': () => Promise.reject(new UpdateRejectedError('no SMS')),
    'id-4': () => Promise.reject(new NoWorkerError(1)),
    'id-5': () => Promise.reject(new UpdateRejectedError('too late', 'revocationStarted')),
    'id-6': () => Promise.reject(new UpdateRejectedError('no SMS', 'invalid')),
  };
  const seen: number[] = [];
  const act = (id: string) => (answers[id] ?? done)();
  expect(await tally(act, { onProgress: (finished) => seen.push(finished) })).toEqual({
    done: 4,
    skipped: { 'why not': 1, ended: 1, 'revoking has begun': 1 },
    failed: {
      'UPDATE_REJECTED (no SMS)': { count: 2, sample: ['id-3', 'id-6'] },
      NO_WORKER: { count: 1, sample: ['id-4'] },
    },
    stopped: null,
  });
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('runs at most as many at a time as it may', async () => {
  let [now, most] = [0, 0];
  const act = async (): Promise<Done> => {
    now += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
    return { done: true };
  };
  await tally(act);
  expect(most).toBe(3);
});

test('tries again while Temporal does not answer for a moment', async () => {
  const tries = new Map<string, number>();
  const act = (id: string): Promise<Done> => {
    tries.set(id, (tries.get(id) ?? 0) + 1);
    return tries.get(id) === 3 ? done() : Promise.reject(new TemporalUnavailableError('no connection'));
  };
  expect(await tally(act)).toMatchObject({ done: 10, failed: {}, stopped: null });
});

test('stops when nobody answers, and on a signal', async () => {
  const away = await tally(() => Promise.reject(new NoWorkerError(1)), { workflowIds: ids(1_000) });
  expect(away).toMatchObject({ done: 0, stopped: 'unavailable' });
  expect(away.failed['NO_WORKER']?.count).toBeLessThan(7);

  const controller = new AbortController();
  const act = () => {
    controller.abort();
    return done();
  };
  const interrupted = await tally(act, { signal: controller.signal, workflowIds: ids(1_000) });
  expect(interrupted).toMatchObject({ failed: {}, stopped: 'interrupted' });
  expect(interrupted.done).toBeLessThan(4);
});

test('a list that breaks off is not a full success', async () => {
  async function* broken() {
    yield* ids(2);
    throw new TemporalUnavailableError('no connection');
  }
  expect(await tally(done, { workflowIds: broken() })).toMatchObject({ done: 2, stopped: 'unavailable' });
  await expect(tally(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
});
