import { deliveryFrom, learn, type Delivery } from '../domain/delivery.js';
import type { Evidence, Finding } from '../domain/evidence.js';
import { withFormer } from '../domain/former-evidence.js';
import type { Plan } from '../domain/plan.js';
import { snapshotOf, type Snapshot } from '../domain/snapshot.js';
import type { Clock } from './clock.js';

/** Everything that the workflow has learned. */
export interface Journal {
  readonly delivery: Delivery;
  /** Adds a piece of evidence, at the clock's time. */
  learn(finding: Finding): void;
  /** Adds evidence of the run before a reset, with its own times. */
  learnFormer(evidence: readonly Evidence[]): void;
  /** Dates all evidence so far to now: nothing was known before the first workflow task. */
  seenNow(): void;
  /** The delivery now, with the decision. The decider runs once for each new piece of evidence or time. */
  snapshot(): Snapshot;
}

export function openJournal(plan: Plan, clock: Clock): Journal {
  let delivery = deliveryFrom(plan, []);
  let latest: Snapshot | undefined;
  return {
    get delivery() {
      return delivery;
    },
    learn(finding) {
      delivery = learn(delivery, { at: clock.now(), ...finding });
    },
    learnFormer(evidence) {
      delivery = withFormer(delivery, evidence);
    },
    seenNow() {
      delivery = deliveryFrom(
        plan,
        delivery.evidence.map((item) => ({ ...item, at: clock.now() })),
      );
    },
    snapshot() {
      const now = clock.now();
      if (latest?.delivery !== delivery || latest.now !== now) latest = snapshotOf(delivery, now);
      return latest;
    },
  };
}
