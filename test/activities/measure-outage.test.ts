import { MockActivityEnvironment } from '@temporalio/testing';
import type { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { measureOutage } from '../../src/activities/measure-outage.js';
import { RunHistoryError, type RunHistories } from '../../src/activities/run-histories.js';

const DUE = Date.parse('2026-01-02T03:04:05Z');
const at = (seconds: number) => DUE + seconds * 1_000;

const over = (latestEvents: RunHistories['latestEvents']): { readonly histories: RunHistories } => ({
  histories: { runIds: () => Promise.resolve([]), read: () => Promise.resolve([]), latestEvents },
});
const ask = (deps: Parameters<typeof measureOutage>[0]) =>
  new MockActivityEnvironment().run(() => measureOutage(deps, { due: new Date(DUE).toISOString() }));
/** Newest first, in seconds from the time at which the wait was due. */
const askOf = (...seconds: number[]) => ask(over(() => Promise.resolve(seconds.map(event))));
const event = (seconds: number) => ({ time: at(seconds), isActivityStart: false });
const taken = (seconds: number) => ({ time: at(seconds), isActivityStart: true });

describe('how late Temporal was itself', () => {
  test('not at all if the timer fired in time, however late a worker took the task', async () => {
    expect(await askOf(30, 0, -60)).toEqual({ outageMs: 0 });
  });

  test('as late as the timer fired', async () => {
    expect(await askOf(300.2, 300, -60, -61)).toEqual({ outageMs: 300_000 });
  });

  test('not at all if a signal was written in time', async () => {
    expect(await askOf(300, 2, -60)).toEqual({ outageMs: 2_000 });
  });

  test('not at all if the answer that was waited for had come before', async () => {
    expect(await askOf(-4, -10, -60)).toEqual({ outageMs: 0 });
  });

  test('not at all if a worker took the activity late; as late as its answer if that was written late', async () => {
    expect(await ask(over(() => Promise.resolve([event(21), taken(20), event(-12)])))).toEqual({ outageMs: 0 });
    expect(await ask(over(() => Promise.resolve([event(92), taken(20), event(-12)])))).toEqual({ outageMs: 60_000 });
  });

  test('is not known without access to histories, or if Temporal does not answer', async () => {
    const unavailable = over(() => Promise.reject(new RunHistoryError('unavailable', 'no answer')));
    for (const deps of [{}, unavailable]) {
      const failed = await ask(deps).then(
        () => undefined,
        (error: unknown) => error as ApplicationFailure,
      );
      expect(failed).toMatchObject({ type: 'OutageUnknown', nonRetryable: true });
    }
  });
});
