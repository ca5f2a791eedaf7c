import { decide } from './decide.js';
import type { Delivery } from './delivery.js';
import type { Instant } from './plan.js';
import type { Decision } from './step.js';

/** A delivery at one moment, with the decision for that moment. All reports are made from it. */
export interface Snapshot {
  readonly delivery: Delivery;
  readonly now: Instant;
  readonly decision: Decision;
  /** The decision at the end of the wait if nothing is learned first; null without a wait, or if it has no end. */
  forecast(): Forecast | null;
}

interface Forecast {
  readonly at: Instant;
  readonly decision: Decision;
}

/** Runs the decider once, and once more if a report needs the forecast. */
export function snapshotOf(delivery: Delivery, now: Instant): Snapshot {
  const { facts, plan } = delivery;
  const decision = decide(facts, plan, now);
  let forecast: Forecast | null | undefined;
  return {
    delivery,
    now,
    decision,
    forecast() {
      if (forecast === undefined) {
        const at = endOfWait(decision);
        forecast = at === null ? null : { at, decision: decide(facts, plan, at) };
      }
      return forecast;
    },
  };
}

function endOfWait(decision: Decision): Instant | null {
  if ('outcome' in decision || decision.step.do !== 'wait') return null;
  return decision.step.until;
}
