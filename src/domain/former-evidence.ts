import { deliveryFrom, learn, type Delivery } from './delivery.js';
import type { Evidence } from './evidence.js';
import { isEvent, isNewEvidence } from './new-evidence.js';

/**
 * The delivery after it has learned what the run before a reset knew, with the times of that run. What is known already is
 * left out: an event that came again, or an answer that an earlier look-back had found. What this run has learned later
 * stays later: a receipt may come before it has looked back.
 */
export function withFormer(delivery: Delivery, former: readonly Evidence[]): Delivery {
  const isKnown = ({ at, kind }: Evidence) =>
    delivery.evidence.some((one) => one.isFormer && one.at === at && one.kind === kind);
  const isNew = (known: Delivery, item: Evidence) =>
    isEvent(item) ? isNewEvidence(known.facts, item) : !isKnown(item);
  const all = former.reduce(
    (known, item) => (isNew(known, item) ? learn(known, { ...item, isFormer: true }) : known),
    delivery,
  );
  return deliveryFrom(
    delivery.plan,
    all.evidence.toSorted((one, other) => one.at - other.at),
  );
}
