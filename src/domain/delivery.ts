import type { Evidence } from './evidence.js';
import { evolve, initialFacts, type Facts } from './facts.js';
import type { Plan } from './plan.js';

/** A delivery is its plan and its list of evidence; the facts are that list, folded. */
export interface Delivery {
  readonly plan: Plan;
  /** In the order in which the workflow learned it. */
  readonly evidence: readonly Evidence[];
  readonly facts: Facts;
}

/** The delivery after one more piece of evidence. */
export const learn = ({ plan, evidence, facts }: Delivery, item: Evidence): Delivery => ({
  plan,
  evidence: [...evidence, item],
  facts: evolve(facts, item),
});

/** The delivery that has learned all of this. */
export const deliveryFrom = (plan: Plan, evidence: readonly Evidence[]): Delivery => ({
  plan,
  evidence,
  facts: evidence.reduce(evolve, initialFacts(plan)),
});
