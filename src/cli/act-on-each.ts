import { setTimeout as delay } from 'node:timers/promises';
import { DeliveryError, UpdateRejectedError } from '../client/client-errors.js';
import type { UpdateRefusal } from '../contract/failures.js';

/** What happened to one delivery. `skipped` is the reason why there was nothing to do, as in `2 skipped: ended`. */
export type Done = { readonly done: true } | { readonly skipped: string };

export interface Tally {
  readonly done: number;
  /** How many, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** By kind of failure, each with a few workflow ids. */
  readonly failed: Readonly<Record<string, { readonly count: number; readonly sample: readonly string[] }>>;
  /** Why the run stopped early; null if it did not. */
  readonly stopped: 'interrupted' | 'unavailable' | null;
}

export interface ActOnEachOptions {
  readonly workflowIds: AsyncIterable<string>;
  /** Must be harmless to repeat. */
  readonly act: (workflowId: string) => Promise<Done>;
  readonly concurrency: number;
  readonly onProgress: (finished: number, failed: number) => void;
  readonly signal: AbortSignal;
  /** The pauses before further attempts while Temporal does not answer, in milliseconds. */
  readonly pausesMs?: readonly number[];
}

const SAMPLE = 3;
/** The kinds of failure that may pass by themselves: nobody answered. */
export const isUnavailable = (kind: string) => ['NO_WORKER', 'TEMPORAL_UNAVAILABLE'].includes(kind);

/**
 * Acts on each delivery, at most `concurrency` at a time. A failure is counted and stops nothing. The run stops early
 * on `signal`, and when `concurrency` deliveries in a row got no answer, since the others would get none either.
 */
export async function actOnEach(options: ActOnEachOptions): Promise<Tally> {
  const { workflowIds, concurrency, onProgress, signal, pausesMs = [500, 2_000] } = options;
  const skipped: Record<string, number> = {};
  const failed: Record<string, { count: number; sample: string[] }> = {};
  let [done, finished, failures, unansweredInARow] = [0, 0, 0, 0];
  let stopped: Tally['stopped'] = null;
  const ids = workflowIds[Symbol.asyncIterator]();

  const countFailure = (kind: string, workflowId: string) => {
    const entry = (failed[kind] ??= { count: 0, sample: [] });
    entry.count += 1;
    if (entry.sample.length < SAMPLE) entry.sample.push(workflowId);
    failures += 1;
    unansweredInARow = isUnavailable(kind) ? unansweredInARow + 1 : 0;
  };
  const lane = async () => {
    for (;;) {
      if (signal.aborted) stopped ??= 'interrupted';
      else if (unansweredInARow >= concurrency) stopped ??= 'unavailable';
      if (stopped !== null) return;
      const next = await ids.next().catch((error: unknown) => {
        if (!(error instanceof DeliveryError)) throw error;
        stopped ??= 'unavailable';
      });
      if (next === undefined || next.done === true) return;
      const result = await attempt(next.value, options.act, pausesMs);
      if ('failed' in result) countFailure(result.failed, next.value);
      else {
        unansweredInARow = 0;
        if ('skipped' in result) skipped[result.skipped] = (skipped[result.skipped] ?? 0) + 1;
        else done += 1;
      }
      finished += 1;
      onProgress(finished, failures);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { done, skipped, failed, stopped };
}

async function attempt(
  workflowId: string,
  act: ActOnEachOptions['act'],
  pausesMs: readonly number[],
): Promise<Done | { readonly failed: string }> {
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      return await act(workflowId);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      const skipped = reasonToSkip(error);
      if (skipped !== undefined) return { skipped };
      if (error.code !== 'TEMPORAL_UNAVAILABLE' || pauseMs === undefined) return { failed: kindOf(error) };
      await delay(pauseMs);
    }
  }
  return { failed: 'TEMPORAL_UNAVAILABLE' };
}

/**
 * A delivery that is closed, or that the update reached too late, has nothing left to do. A wrong argument is a
 * failure.
 */
function reasonToSkip(error: DeliveryError): string | undefined {
  if (error.code === 'DELIVERY_CLOSED' || error.code === 'DELIVERY_FAILED') return CLOSED;
  return error instanceof UpdateRejectedError && error.refusal !== undefined ? TOO_LATE[error.refusal] : undefined;
}

export const CLOSED = 'ended';

const TOO_LATE: Readonly<Partial<Record<UpdateRefusal, string>>> = {
  settled: CLOSED,
  fallbackStarted: 'the SMS fallback has begun',
  revocationStarted: 'revoking has begun',
};

/** A refusal's message is the workflow's reason. It holds no values. */
function kindOf(error: DeliveryError): string {
  return error.code === 'UPDATE_REJECTED' ? `${error.code} (${error.message})` : error.code;
}
