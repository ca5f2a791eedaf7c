import type { Delivery, Evidence } from '../domain/evidence.js';
import type { Instant, Plan } from '../domain/plan.js';

/** An Evidence without its time, of whichever kind. */
export type Finding = Evidence extends infer E ? (E extends Evidence ? Omit<E, 'at'> : never) : never;

/** The only state of the workflow: the evidence so far. Everything else is derived from it. */
export interface Journal {
  readonly delivery: Delivery;
  /** The time of every decision. */
  now(): Instant;
  record(finding: Finding): void;
  /** Lets the clock run: called once the first workflow task can no longer be merged with another. */
  startClock(): void;
}

export function openJournal(plan: Plan): Journal {
  const evidence: Evidence[] = [];
  let begun = false;
  // Until the local attempt has ended the clock stands still at the start: on replay the SDK may merge the first workflow
  // tasks (a query that meets the first one makes two of it), and Date.now() is then another than it was.
  const now = () => (begun ? Date.now() : plan.startedAt);
  return {
    delivery: { plan, evidence },
    now,
    startClock() {
      begun = true;
    },
    record(finding) {
      begun ||= finding.kind === 'sendAnswered';
      evidence.push({ at: now(), ...finding });
    },
  };
}
