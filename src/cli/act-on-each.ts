import { setTimeout as delay } from 'node:timers/promises';
import { DeliveryError } from '../client/client-errors.js';

/** What was done about one delivery; `skipped` says why nothing had to be, as in `2 skipped: ended`. */
export type Done = { readonly done: true } | { readonly skipped: string };

export interface Tally {
  readonly done: number;
  /** By reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** By kind, with a few workflow ids each. */
  readonly failed: Readonly<Record<string, { readonly count: number; readonly sample: readonly string[] }>>;
  /** Why it ended before all were through. */
  readonly stopped: 'interrupted' | 'unavailable' | null;
}

export interface ActOnEachOptions {
  readonly workflowIds: AsyncIterable<string>;
  /** Must be harmless to repeat. */
  readonly act: (workflowId: string) => Promise<Done>;
  readonly concurrency: number;
  readonly onProgress: (through: number, failed: number) => void;
  readonly signal: AbortSignal;
  /** Pauses before another attempt while Temporal is out of reach, in milliseconds. */
  readonly pausesMs?: readonly number[];
}

const SAMPLE = 3;
/** Of a kind of failure: nobody answered, so the same may succeed later. */
export const isOutOfReach = (kind: string) => ['NO_WORKER', 'TEMPORAL_UNAVAILABLE'].includes(kind);

/**
 * Acts on each, at most `concurrency` at a time; a failure is counted and stops no other. Ends early on `signal`, and when
 * as many in a row as run at once found nobody to answer: then the rest would wait in vain, too.
 */
export async function actOnEach(options: ActOnEachOptions): Promise<Tally> {
  const { workflowIds, concurrency, onProgress, signal, pausesMs = [500, 2_000] } = options;
  const skipped: Record<string, number> = {};
  const failed: Record<string, { count: number; sample: string[] }> = {};
  let [done, through, failures, unansweredInARow] = [0, 0, 0, 0];
  let stopped: Tally['stopped'] = null;
  const ids = workflowIds[Symbol.asyncIterator]();

  const count = (kind: string, workflowId: string) => {
    const entry = (failed[kind] ??= { count: 0, sample: [] });
    entry.count += 1;
    if (entry.sample.length < SAMPLE) entry.sample.push(workflowId);
    failures += 1;
    unansweredInARow = isOutOfReach(kind) ? unansweredInARow + 1 : 0;
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
      if ('failed' in result) count(result.failed, next.value);
      else {
        unansweredInARow = 0;
        if ('skipped' in result) skipped[result.skipped] = (skipped[result.skipped] ?? 0) + 1;
        else done += 1;
      }
      through += 1;
      onProgress(through, failures);
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
      if (error.code === 'DELIVERY_CLOSED' || error.code === 'DELIVERY_FAILED') return { skipped: 'ended' };
      if (error.code !== 'TEMPORAL_UNAVAILABLE' || pauseMs === undefined) return { failed: kindOf(error) };
      await delay(pauseMs);
    }
  }
  return { failed: 'TEMPORAL_UNAVAILABLE' };
}

/** A refusal's reason is the workflow's own words, without values. */
function kindOf(error: DeliveryError): string {
  return error.code === 'UPDATE_REJECTED' ? `${error.code} (${error.message})` : error.code;
}
