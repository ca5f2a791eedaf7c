import type { Evidence } from './evidence.js';
import { evolveRcs } from './evolve-rcs.js';
import type { Instant, Plan } from './plan.js';
import { initialRcs, type Rcs } from './rcs-facts.js';
import { evolveReset, initialReset, type Reset } from './reset-facts.js';
import { evolveSms, initialSms, type Sms } from './sms-facts.js';

/** A delivery: its plan, its evidence, and the facts that `evolve` makes of the evidence. */
export interface Delivery {
  readonly plan: Plan;
  /** In the order in which the workflow learned it. */
  readonly evidence: readonly Evidence[];
  readonly facts: Facts;
}

/** What is known of a delivery: one record per leg. `decide` reads these facts and never the list of evidence. */
export interface Facts {
  readonly rcs: Rcs;
  readonly sms: Sms;
  readonly reset: Reset;
  /** The times at which a wait ended late: this system came back from an outage. */
  readonly wokeLateAt: readonly Instant[];
}

const initialFacts = (plan: Plan): Facts => ({
  rcs: initialRcs(plan),
  sms: initialSms,
  reset: initialReset,
  wokeLateAt: [],
});

/** The facts after one more piece of evidence. Pure. */
export const evolve = ({ rcs, sms, reset, wokeLateAt }: Facts, item: Evidence): Facts => ({
  rcs: evolveRcs(rcs, item),
  sms: evolveSms(sms, item),
  reset: evolveReset(reset, item),
  wokeLateAt: item.kind === 'wokeLate' ? [...wokeLateAt, item.at] : wokeLateAt,
});

/** The delivery after all of this evidence. */
export const deliveryFrom = (plan: Plan, evidence: readonly Evidence[]): Delivery => ({
  plan,
  evidence,
  facts: evidence.reduce(evolve, initialFacts(plan)),
});

/** The delivery after one more piece of evidence. */
export const learn = ({ plan, evidence, facts }: Delivery, item: Evidence): Delivery => ({
  plan,
  evidence: [...evidence, item],
  facts: evolve(facts, item),
});
