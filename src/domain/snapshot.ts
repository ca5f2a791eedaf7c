import { decide } from './decide.js';
import type { Delivery } from './delivery.js';
import type { Instant } from './plan.js';
import type { Decision } from './step.js';

/** A delivery at one moment, with the decision for that moment. All reports are made from it. */
export interface Snapshot {
  readonly delivery: Delivery;
  readonly now: Instant;
  readonly decision: Decision;
  /**
   * What the delivery does after its waits if nothing is learned first, and when; null if it waits for evidence alone.
   */
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
      if (forecast === undefined) forecast = afterTheWaits(decision, (at) => decide(facts, plan, at));
      return forecast;
    },
  };
}

/** A wait may end in the next one, which is no news for anybody. */
function afterTheWaits(decision: Decision, decideAt: (at: Instant) => Decision): Forecast | null {
  let forecast: Forecast | null = null;
  for (let at = endOfWait(decision); at !== null;) {
    forecast = { at, decision: decideAt(at) };
    const next = endOfWait(forecast.decision);
    if (next === null || next <= at) break;
    at = next;
  }
  return forecast;
}

function endOfWait(decision: Decision): Instant | null {
  if ('outcome' in decision || decision.step.do !== 'wait') return null;
  return decision.step.until;
}
