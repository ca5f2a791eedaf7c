import { deliveryFrom, learn, type Delivery } from './delivery.js';
import type { Evidence } from './evidence.js';
import { isEvent, isNewEvidence } from './new-evidence.js';

/**
 * The delivery after it has learned what the run before a reset knew, with the times of that run. Events that are known
 * already are left out. What this run has learned later stays later: a receipt may come before it has looked back.
 */
export function withFormer(delivery: Delivery, former: readonly Evidence[]): Delivery {
  const all = former.reduce(
    (known, item) => (!isEvent(item) || isNewEvidence(known.facts, item) ? learn(known, item) : known),
    delivery,
  );
  return deliveryFrom(
    delivery.plan,
    all.evidence.toSorted((one, other) => one.at - other.at),
  );
}
