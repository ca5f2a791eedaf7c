import { MINUTE, SECOND } from '../contract/duration.js';
import type { Instant } from './plan.js';

/**
 * When deliveries in flight are looked for, counted from the opt-out. More than once, because Temporal's index is behind:
 * mostly by a second, by minutes under heavy load. A delivery whose look-up came just before the opt-out may also be in
 * the middle of its create, which takes at most 10 s.
 */
const SWEEPS = [0, 5 * SECOND, 30 * SECOND, 5 * MINUTE] as const;

export interface Sweeps {
  readonly from: Instant;
  readonly done: number;
}

/**
 * The sweeps after an opt-out. While the first two of earlier ones are still to come, those serve: RBM reports one opt-out
 * by an event and by a message in the same second.
 */
export function startSweeps(now: Instant, current?: Sweeps): Sweeps {
  return current !== undefined && current.done < 2 ? current : { from: now, done: 0 };
}

/** When the next sweep is due; null if none is left. */
export function nextSweepAt({ from, done }: Sweeps): Instant | null {
  const after = SWEEPS[done];
  return after === undefined ? null : from + after;
}

/** What is left after a sweep that began at `began`. A late one stands for all that were due. */
export function afterSweep({ from, done }: Sweeps, began: Instant): Sweeps {
  const due = SWEEPS.filter((after) => from + after <= began).length;
  return { from, done: Math.max(done + 1, due) };
}
