import type { Delivery, Evidence } from '../domain/evidence.js';
import type { Plan } from '../domain/plan.js';

/** An Evidence without its time, of whichever kind. */
export type Finding = Evidence extends infer E ? (E extends Evidence ? Omit<E, 'at'> : never) : never;

/** The only state of the workflow: the evidence so far. Everything else is derived from it. */
export interface Journal {
  readonly delivery: Delivery;
  record(finding: Finding): void;
}

export function openJournal(plan: Plan): Journal {
  const evidence: Evidence[] = [];
  return {
    delivery: { plan, evidence },
    record(finding) {
      evidence.push({ at: Date.now(), ...finding });
    },
  };
}
