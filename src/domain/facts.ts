import type { Evidence } from './evidence.js';
import type { Instant, Plan } from './plan.js';
import { evolveRcs, initialRcs, type Rcs } from './rcs-facts.js';
import { evolveSms, initialSms, type Sms } from './sms-facts.js';

/** What is known of a delivery: its evidence, folded in the order in which it came. */
export interface Facts {
  readonly rcs: Rcs;
  readonly sms: Sms;
  /** When this system came back from an outage that a wait slept through. */
  readonly wokeLateAt: readonly Instant[];
}

export const initialFacts = (plan: Plan): Facts => ({ rcs: initialRcs(plan), sms: initialSms, wokeLateAt: [] });

/** The facts after one more piece of evidence. Total, and without a clock of its own. */
export const evolve = ({ rcs, sms, wokeLateAt }: Facts, item: Evidence): Facts => ({
  rcs: evolveRcs(rcs, item),
  sms: evolveSms(sms, item),
  wokeLateAt: item.kind === 'wokeLate' ? [...wokeLateAt, item.at] : wokeLateAt,
});
