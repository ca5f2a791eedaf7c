import { activityInfo } from '@temporalio/activity';

export interface Clocks {
  /** The current time, epoch milliseconds. Default: Date.now. */
  readonly now?: () => number;
  /** The time of a monotonic clock, in milliseconds. Default: performance.now. */
  readonly clock?: () => number;
}

/**
 * Returns the time during this attempt, epoch milliseconds. Call it when the attempt begins. In a local activity it is
 * Temporal's time when the workflow asked for it, plus the time that has passed since. So a worker's wall clock decides
 * nothing. A local activity begins at once; if it had to wait, this time is behind by that wait. A normal activity may
 * wait long before it begins, so there the worker's own clock counts.
 */
export function attemptClock({ now, clock }: Required<Clocks>, askedAt: number | undefined): () => number {
  if (askedAt === undefined || !activityInfo().isLocal) return now;
  const began = clock();
  return () => askedAt + (clock() - began);
}
