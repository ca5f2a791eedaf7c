import type { Evidence } from './evidence.js';
import type { Instant, Plan } from './plan.js';
import { evolveRcs, initialRcs, type Rcs } from './rcs-facts.js';
import { evolveSms, initialSms, type Sms } from './sms-facts.js';

/** A delivery is its plan and its list of evidence; the facts are that list, folded. */
export interface Delivery {
  readonly plan: Plan;
  /** In the order in which the workflow learned it. */
  readonly evidence: readonly Evidence[];
  readonly facts: Facts;
}

/** What is known of a delivery: one record per leg. Questions of order are answered here, so `decide` has none. */
export interface Facts {
  readonly rcs: Rcs;
  readonly sms: Sms;
  /** When this system came back from an outage that a wait slept through. */
  readonly wokeLateAt: readonly Instant[];
}

const initialFacts = (plan: Plan): Facts => ({ rcs: initialRcs(plan), sms: initialSms, wokeLateAt: [] });

/** The facts after one more piece of evidence. Total, and without a clock of its own. */
export const evolve = ({ rcs, sms, wokeLateAt }: Facts, item: Evidence): Facts => ({
  rcs: evolveRcs(rcs, item),
  sms: evolveSms(sms, item),
  wokeLateAt: item.kind === 'wokeLate' ? [...wokeLateAt, item.at] : wokeLateAt,
});

/** The delivery that has learned all of this. */
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
