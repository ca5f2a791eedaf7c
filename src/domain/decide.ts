import type { Outcome, Phase } from '../contract/status.js';
import type { Facts } from './delivery.js';
import type { Instant, Plan } from './plan.js';
import {
  confirmation,
  decideCreate,
  isAcceptanceOver,
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
import { smsState } from './sms-state.js';
import { settle, type Decision, type Settled, type Step } from './step.js';

/** The phase and the next step, or the outcome. Pure: `now` is the only time that it knows. */
export function decide(facts: Facts, plan: Plan, now: Instant): Decision {
  if (facts.sms.requestedAt === undefined) {
    const next = decideRcs(facts, plan, now);
    return 'outcome' in next ? next : { phase: rcsPhase(facts.rcs, now), step: next };
  }
  const sms = decideSms(facts, plan, now);
  const next = withRevocation(sms, facts, plan, now);
  if ('outcome' in next) return next;
  return { phase: 'outcome' in sms ? 'REVOKING' : smsPhase(facts, plan), step: next };
}

/** The RCS leg, up to the first request of the SMS. */
function decideRcs(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs } = facts;
  if (isDelivered(rcs)) return settle('DELIVERED');

  // RBM does not have the message, because it refused it (404, 400, the fourth 403) or never got it: there is nothing to
  // revoke.
  if (wasNeverQueued(rcs, now)) {
    if (rcs.optedOutAt !== undefined) return fallBackOr('SUPPRESSED', rcs, plan);
    const isOperators = rcs.revokeRequested !== undefined && !isRefused(rcs);
    return fallBackOr(isOperators ? 'REVOKED' : 'UNDELIVERABLE', rcs, plan);
  }

  if (now < revokeDueAt(rcs)) {
    return isAcceptanceOver(rcs, plan, now)
      ? { do: 'giveUpAcceptance', due: plan.acceptBy }
      : decideCreate(rcs, plan, now);
  }

  // A create that is still under way could queue the message after our DELETE.
  if (rcs.create === 'underWay') return { do: 'stopSending' };

  const revocation = decideRevocation(facts, plan, now);
  if (revocation === 'revoked') return fallBackOr('REVOKED', rcs, plan);
  if (revocation === 'inconclusive') return unconfirmed(rcs, plan);
  return revocation;
}

/** The RCS leg is over: the SMS if one is wanted, else this outcome. */
function fallBackOr(outcome: Outcome, rcs: Rcs, plan: Plan): Step | Settled {
  if (isFallbackWanted(rcs, plan)) return { do: 'sendSms' };
  return settle(rcs.cancelledAt === undefined ? outcome : 'CANCELLED');
}

function unconfirmed(rcs: Rcs, plan: Plan): Step | Settled {
  switch (revocationMode(rcs, plan)) {
    case 'deadline':
      return { do: 'sendSms' };
    case 'cancelled':
      return settle('CANCELLED');
    case 'hold':
      return settle('UNCERTAIN');
  }
}

function rcsPhase(rcs: Rcs, now: Instant): Phase {
  if (confirmation(rcs) !== undefined) return 'CONFIRMING_REVOCATION';
  if (now >= revokeDueAt(rcs)) return 'REVOKING';
  return rcs.lastCreate?.answer === 'accepted' ? 'AWAITING_DELIVERY' : 'SENDING';
}

const smsPhase = ({ sms }: Facts, plan: Plan): Phase =>
  smsState(sms, plan) === 'accepted' ? 'AWAITING_SMS_RECEIPT' : 'FALLING_BACK';
