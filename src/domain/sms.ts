import { SECOND } from '../contract/duration.js';
import type { Facts } from './delivery.js';
import { eventsMayComeUntil } from './late.js';
import type { Instant, Plan } from './plan.js';
import { confirmation, isDelivered, mayGetThrough } from './rcs.js';
import { decideRevocation } from './revocation.js';
import { decideRepeat } from './sms-repeat.js';
import { receiptOf, smsState } from './sms-state.js';
import { settle, waitForEvidence, waitUntil, type Settled, type Step } from './step.js';

/** The SMS leg, from its first request on. */
export function decideSms(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs, sms } = facts;
  const isCancelled = rcs.cancelledAt !== undefined;
  const isOptedOut = rcs.optedOutAt !== undefined;
  const state = smsState(sms, plan);
  if (state === 'running') {
    // A request that no worker has picked up can still be called off. One that is under way can't.
    const isUnwanted = isDelivered(rcs) || isCancelled || isOptedOut;
    return isUnwanted && !sms.stopRequested ? { do: 'stopSms' } : waitForEvidence;
  }
  if (isDelivered(rcs)) return settle('DELIVERED');
  if (state === 'refused') return settleWithoutSms(facts, plan, now);
  if (state === 'accepted') return awaitReceipt(facts, plan, now);
  if (isCancelled) return settleCancelled(facts, plan, now);
  if (isOptedOut) return settleOptedOut(facts, plan, now);
  const step = decideRepeat(facts, plan, now);
  if (step === 'inconclusive') return settle('UNCERTAIN');
  if (step !== 'givenUp') return step;
  return state === 'maybe' ? settle('UNCERTAIN') : settleWithoutSms(facts, plan, now);
}

/** The provider accepted the SMS: wait for its receipt. */
function awaitReceipt(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs, sms } = facts;
  const receipt = receiptOf(sms);
  if (receipt === 'DELIVERED') return settle('DELIVERED_BY_SMS');
  if (rcs.cancelledAt !== undefined) return settleCancelled(facts, plan, now);
  if (receipt === 'UNDELIVERED') {
    const correctedBy = mayBeCorrectedUntil(facts, plan);
    return now < correctedBy ? waitUntil(correctedBy) : settleWithoutSms(facts, plan, now);
  }
  const acceptedAt = sms.heardAt ?? sms.lastRequestedAt ?? 0;
  const receiptMayComeUntil = eventsMayComeUntil(facts, acceptedAt, plan.smsReceiptTimeout);
  const until = Math.max(acceptedAt + plan.smsReceiptTimeout, receiptMayComeUntil);
  return now < until ? waitUntil(until) : settle('SENT_BY_SMS');
}

/**
 * Gateways send receipts side by side, and repeat one that was refused, so a DELIVERED may come after an UNDELIVERED. This
 * is how long it is waited for. Milliseconds.
 */
const CORRECTION_WAIT = 10 * SECOND;

/** Until when a DELIVERED may still correct an UNDELIVERED; longer if Temporal was down meanwhile. */
function mayBeCorrectedUntil(facts: Facts, { smsReceiptTimeout }: Plan): Instant {
  const { undeliveredAt } = facts.sms;
  if (undeliveredAt === undefined) return -Infinity;
  const receiptMayComeUntil = eventsMayComeUntil(facts, undeliveredAt, smsReceiptTimeout);
  return Math.max(undeliveredAt + Math.min(CORRECTION_WAIT, smsReceiptTimeout), receiptMayComeUntil);
}

/**
 * The SMS failed for good. Whether the phone has the RCS message is certain only if RBM never had it or has revoked it.
 */
function settleWithoutSms(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs } = facts;
  if (rcs.cancelledAt !== undefined) return settleCancelled(facts, plan, now);
  if (rcs.optedOutAt !== undefined) return settleOptedOut(facts, plan, now);
  const isOver = !mayGetThrough(rcs) || confirmation(rcs) !== undefined;
  return settle(isOver ? 'UNDELIVERABLE' : 'UNCERTAIN');
}

/** Cancelled in the SMS leg: if RBM may still have the message, revoke it, then settle as CANCELLED. */
function settleCancelled(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const step = mayGetThrough(facts.rcs) ? decideRevocation(facts, plan, now) : 'revoked';
  return typeof step === 'string' ? settle('CANCELLED') : step;
}

/**
 * The person opted out in the SMS leg: nothing more is requested (G11). What became of an unanswered request is found out,
 * and a message that RBM may still have is revoked.
 */
function settleOptedOut(facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs, sms } = facts;
  if (smsState(sms, plan) === 'maybe') {
    const step = decideRepeat(facts, plan, now);
    return typeof step === 'string' || step.do === 'sendSms' ? settle('UNCERTAIN') : step;
  }
  const wasSent = sms.accepted || receiptOf(sms) !== undefined;
  if (!mayGetThrough(rcs)) return settle(wasSent ? 'UNDELIVERABLE' : 'SUPPRESSED');
  const revocation = decideRevocation(facts, plan, now);
  if (typeof revocation !== 'string') return revocation;
  return settle(revocation === 'revoked' ? 'REVOKED' : 'UNCERTAIN');
}
