import type { Outcome, Phase } from '../contract/status.js';
import type { Facts } from './delivery.js';
import type { Instant, Plan } from './plan.js';
import {
  confirmation,
  decideCreate,
  isAcceptanceOver,
  isAccepted,
  isDelivered,
  isFallbackWanted,
  isRefused,
  revokeDueAt,
  wasNeverQueued,
} from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import { decideRevocation, revocationMode } from './revocation.js';
import { withRevocation } from './revocation-beside-sms.js';
import { decideSms } from './sms.js';
import { decideRepeat } from './sms-repeat.js';
import { inDoubt, smsState } from './sms-state.js';
import { settle, waitForEvidence, type Decision, type Settled, type Step } from './step.js';

/** The phase and the next step, or the outcome. Pure: `now` is the only time that it knows. */
export function decide(facts: Facts, plan: Plan, now: Instant): Decision {
  if (facts.reset.lookBack === 'due') return { phase: phaseOf(facts, plan, now), step: { do: 'lookBack' } };
  if (facts.reset.lookBack === 'underWay') return { phase: phaseOf(facts, plan, now), step: waitForEvidence };
  if (facts.sms.requestedAt === undefined) {
    const next = decideRcs(facts, plan, now);
    return 'outcome' in next ? next : { phase: rcsPhase(facts.rcs, now), step: next };
  }
  const sms = decideSms(facts, plan, now);
  const next = withRevocation(sms, facts, plan, now);
  if ('outcome' in next) return next;
  return { phase: 'outcome' in sms ? 'REVOKING' : smsPhase(facts, plan), step: next };
}

const phaseOf = (facts: Facts, plan: Plan, now: Instant): Phase =>
  facts.sms.requestedAt === undefined ? rcsPhase(facts.rcs, now) : smsPhase(facts, plan);

interface Situation {
  readonly facts: Facts;
  readonly plan: Plan;
  readonly now: Instant;
}

/** The RCS leg, up to the first request of the SMS. */
function decideRcs(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs } = facts;
  const situation = { facts, plan, now };
  if (isDelivered(rcs)) return settle('DELIVERED');

  // RBM does not have the message, because it refused it (404, 400, the fourth 403) or never got it: there is nothing to
  // revoke.
  if (wasNeverQueued(rcs, now)) {
    if (rcs.optedOutAt !== undefined) return fallBackOr('SUPPRESSED', situation);
    const isOperators = rcs.revokeRequested !== undefined && !isRefused(rcs);
    return fallBackOr(isOperators ? 'REVOKED' : 'UNDELIVERABLE', situation);
  }

  if (now < revokeDueAt(rcs)) {
    return isAcceptanceOver(rcs, plan, now)
      ? { do: 'giveUpAcceptance', due: plan.acceptBy }
      : decideCreate(rcs, plan, now);
  }

  // A create that is still under way could queue the message after our DELETE.
  if (rcs.create === 'underWay') return { do: 'stopSending' };

  const revocation = decideRevocation(facts, plan, now);
  if (revocation === 'revoked') return fallBackOr('REVOKED', situation);
  if (revocation === 'inconclusive') return unconfirmed(situation);
  return revocation;
}

/** The RCS leg is over: the SMS if one is wanted, else this outcome. */
function fallBackOr(outcome: Outcome, { facts, plan, now }: Situation): Step | Settled {
  const { rcs } = facts;
  if (isFallbackWanted(rcs, plan)) return firstSms(facts, plan, now);
  return settle(rcs.cancelledAt === undefined ? outcome : 'CANCELLED');
}

/** The first request of the SMS. If a run before a reset may have made one, that it did not must be proved first (G2). */
function firstSms(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  if (inDoubt(facts.sms, plan) === undefined) return { do: 'sendSms' };
  const step = decideRepeat(facts, plan, now);
  return typeof step === 'string' ? settle('UNCERTAIN') : step;
}

function unconfirmed({ facts, plan, now }: Situation): Step | Settled {
  switch (revocationMode(facts.rcs, plan)) {
    case 'deadline':
      return firstSms(facts, plan, now);
    case 'cancelled':
      return settle('CANCELLED');
    case 'hold':
      return settle('UNCERTAIN');
  }
}

function rcsPhase(rcs: Rcs, now: Instant): Phase {
  if (confirmation(rcs) !== undefined) return 'CONFIRMING_REVOCATION';
  if (now >= revokeDueAt(rcs)) return 'REVOKING';
  return isAccepted(rcs) ? 'AWAITING_DELIVERY' : 'SENDING';
}

const smsPhase = ({ sms }: Facts, plan: Plan): Phase =>
  smsState(sms, plan) === 'accepted' ? 'AWAITING_SMS_RECEIPT' : 'FALLING_BACK';
