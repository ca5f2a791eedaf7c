import { setTimeout as delay } from 'node:timers/promises';
import { workThrough } from '../client/work-through.js';
import type { RawExecution } from '../temporal/list-executions.js';
import { DeliveryError } from '../client/client-errors.js';
import type { Divergence } from '../worker/divergence.js';
import type { Replay, StoredRun } from '../worker/replay-histories.js';

/** One run of a workflow in Temporal's index. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

export const runOf = ({ execution }: RawExecution): Run => ({
  workflowId: execution?.workflowId ?? '',
  runId: execution?.runId ?? '',
});

export interface ReplayTally {
  readonly replayed: number;
  readonly diverged: number;
  /** The first of them. */
  readonly divergences: readonly (Run & Divergence)[];
  /** Whose history there is no more, or not yet anything of. */
  readonly skipped: { readonly deleted: number; readonly notBegun: number };
  /** Whose history Temporal did not return. */
  readonly unread: number;
  /** Why it stopped early; null if it did not. */
  readonly stopped: 'interrupted' | 'unavailable' | null;
}

export interface ReplayRunsOptions {
  readonly runs: Iterable<Run> | AsyncIterable<Run>;
  /** Throws a DeliveryError if Temporal does not return it. Undefined: it is deleted. */
  readonly fetch: (run: Run) => Promise<StoredRun | undefined>;
  readonly replay: (run: StoredRun) => Promise<Replay>;
  /** How many histories are fetched at a time. No more are in memory. */
  readonly concurrency: number;
  readonly onProgress: (finished: number, diverged: number) => void;
  readonly signal: AbortSignal;
  /** The pauses before further attempts to fetch a history, in milliseconds. */
  readonly pausesMs?: readonly number[];
}

/** How many divergences are described. */
const DESCRIBED = 3;

/** Replays every run. It stops early on `signal`, and when as many in a row as are fetched at a time got no answer. */
export async function replayRuns(options: ReplayRunsOptions): Promise<ReplayTally> {
  const { runs, fetch, replay, concurrency, onProgress, signal, pausesMs = [500, 2_000] } = options;
  const tally = { replayed: 0, diverged: 0, unread: 0, skipped: { deleted: 0, notBegun: 0 } };
  const divergences: (Run & Divergence)[] = [];
  let [finished, unreadInARow] = [0, 0];
  let stopped: ReplayTally['stopped'] = null;
  const fetched = workThrough(runs, (run) => patiently(() => fetch(run), { pausesMs, signal }), { concurrency });
  for await (const result of fetched) {
    if (signal.aborted) stopped = 'interrupted';
    else if (unreadInARow >= concurrency) stopped = 'unavailable';
    if (stopped !== null) break;
    unreadInARow = result.ok ? 0 : unreadInARow + 1;
    if (!result.ok) {
      if (!isPassing(result.error)) throw result.error;
      tally.unread += 1;
    } else if (result.value === undefined) tally.skipped.deleted += 1;
    else {
      const replayed = await replay(result.value);
      if (replayed.outcome === 'notBegun') tally.skipped.notBegun += 1;
      else tally[replayed.outcome] += 1;
      if (replayed.outcome === 'diverged' && divergences.length < DESCRIBED) {
        divergences.push({ ...result.input, ...replayed.divergence });
      }
    }
    finished += 1;
    onProgress(finished, tally.diverged);
  }
  // An interrupted list ends early.
  if (signal.aborted) stopped = 'interrupted';
  return { ...tally, divergences, stopped };
}

const isPassing = (error: unknown): boolean => error instanceof DeliveryError && error.code === 'TEMPORAL_UNAVAILABLE';

interface Patience {
  readonly pausesMs: readonly number[];
  readonly signal: AbortSignal;
}

async function patiently<T>(work: () => Promise<T>, { pausesMs, signal }: Patience): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || signal.aborted) throw error;
      await delay(pauseMs);
    }
  }
  return work();
}
