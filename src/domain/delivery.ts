import type { FallbackReason } from '../contract/status.js';
import type { Evidence, WokeLate } from './evidence.js';
import { evolveRcs } from './evolve-rcs.js';
import { evolveFallbackReason } from './fallback-reason.js';
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
  /** Why the SMS was requested; undefined before that. */
  readonly fallbackReason: FallbackReason | undefined;
  /** The waits that ended late: after an outage, or in a backlog. */
  readonly lateWakes: readonly LateWake[];
}

/** A wait that ended late. */
export interface LateWake {
  readonly at: Instant;
  /** For how long Temporal was down, as far as is known; 0 in a backlog, where only workers were late. Milliseconds. */
  readonly outage: number;
}

const initialFacts = (plan: Plan): Facts => ({
  rcs: initialRcs(plan),
  sms: initialSms,
  reset: initialReset,
  fallbackReason: undefined,
  lateWakes: [],
});

/** The facts after one more piece of evidence. Pure. */
export const evolve = ({ rcs, sms, reset, fallbackReason, lateWakes }: Facts, item: Evidence): Facts => ({
  rcs: evolveRcs(rcs, item),
  sms: evolveSms(sms, item),
  reset: evolveReset(reset, item),
  fallbackReason: evolveFallbackReason(fallbackReason, rcs, item),
  lateWakes: item.kind === 'wokeLate' ? [...lateWakes, { at: item.at, outage: outageOf(item) }] : lateWakes,
});

/** If Temporal could not say how late it was itself, it may have been down for all that time. */
const outageOf = ({ at, due, outage = at - due }: WokeLate & { readonly at: Instant }): number => outage;

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
