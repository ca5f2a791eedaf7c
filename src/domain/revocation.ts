import { SECOND } from '../contract/duration.js';
import { backoff, longestPause } from './backoff.js';
import type { Facts } from './delivery.js';
import { lastWokeLateAt } from './late.js';
import { platformHeadStart, revokeHeadroom, revokeTimeout, type Instant, type Plan } from './plan.js';
import { confirmation, isCreating, isFallbackWanted, revokeDueAt } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import { waitUntil, type Step } from './step.js';

/**
 * What an unconfirmed revocation is waiting for, and so how long.
 * - `deadline`: an SMS follows even so; its latest time is a promise (G5).
 * - `cancelled`: the workflow has to come to its end, without an SMS.
 * - `hold`: no SMS follows without a confirmation (G6), or none at all.
 */
export type RevocationMode = 'deadline' | 'cancelled' | 'hold';

export function revocationMode(rcs: Rcs, plan: Plan): RevocationMode {
  if (rcs.cancelledAt !== undefined) return 'cancelled';
  return isFallbackWanted(rcs, plan) && plan.whenUncertain === 'send' ? 'deadline' : 'hold';
}

/** The next step of the revocation once it is due, or how it ended. */
export function decideRevocation(facts: Facts, plan: Plan, now: Instant): Step | 'revoked' | 'inconclusive' {
  const { rcs } = facts;
  const mode = revocationMode(rcs, plan);
  const givesUpAt = givesUpAtIn(mode, facts, plan);
  if (confirmation(rcs) !== undefined) {
    // Both generations of RBM's "Revoke messages" warn of a DELIVERED shortly after a revocation: wait out the grace.
    const graceEndsAt = graceEndsAtFor(facts, plan);
    const until = mode === 'hold' ? graceEndsAt : Math.min(graceEndsAt, givesUpAt);
    return now < until ? waitUntil(until) : 'revoked';
  }
  const latest = mayGiveUp(mode, rcs) ? givesUpAt : Infinity;
  if (now >= latest) return 'inconclusive';
  if (rcs.deletingSince !== undefined) return waitUntil(latest);
  const next = nextDeleteAt(mode, rcs, plan);
  return now < next ? waitUntil(Math.min(next, latest)) : { do: 'revoke', timeout: revokeTimeout(plan) };
}

/**
 * G4: the first DELETE has to end, however long that takes. A deadline leaves no time for more: RBM's own attempt
 * counts too, and a later DELETE or a create that is under way is not waited for.
 */
function mayGiveUp(mode: RevocationMode, rcs: Rcs): boolean {
  if (mode === 'deadline') return rcs.deleteAnswers > 0 || rcs.ttlRevokedAt !== undefined;
  const isOpen = rcs.deletingSince !== undefined || isCreating(rcs) || rcs.needsDelete;
  return rcs.deleteAnswers > 0 && !isOpen;
}

/**
 * When an unconfirmed revocation is inconclusive. After an outage there is time for at least one DELETE and its grace.
 */
function givesUpAtIn(mode: RevocationMode, facts: Facts, plan: Plan): Instant {
  const { rcs } = facts;
  const dueAt = revokeDueAt(rcs);
  const wokeLateAt = lastWokeLateAt(facts, dueAt);
  const oneDelete = revokeTimeout(plan) + plan.grace;
  const byBudget = Math.max(dueAt + plan.budget, wokeLateAt + oneDelete);
  if (mode === 'deadline') return byBudget;
  const lastCallAt = Math.max(rcs.cancelledAt ?? -Infinity, rcs.queuedAt ?? -Infinity) + oneDelete;
  if (mode === 'cancelled') return Math.max(byBudget, lastCallAt);
  const byHold = Math.max(dueAt + plan.holdTimeout, wokeLateAt + heldAfterOutage(plan));
  return Math.max(byHold, lastCallAt, failedEventGraceEndsAt(rcs, plan) + oneDelete);
}

/** Longer than RBM's longest pause between two deliveries of an event (600 s). */
const HOLD_AFTER_OUTAGE = 900 * SECOND;
const heldAfterOutage = ({ holdTimeout }: Plan): number => Math.min(holdTimeout, HOLD_AFTER_OUTAGE);

function graceEndsAtFor(facts: Facts, plan: Plan): Instant {
  const { rcs, sms } = facts;
  const confirmed = confirmation(rcs);
  const wokeLateAt = lastWokeLateAt(facts, revokeDueAt(rcs));
  const graceEndsAt = Math.max(confirmed?.at ?? -Infinity, wokeLateAt) + plan.grace;
  // By the older documents DELETE's 200 does not rule out a DELIVERED, which an outage may hold up. RBM's own event
  // does. The first SMS request has had that time: an outage in the SMS leg adds none.
  const isBeforeSms = isFallbackWanted(rcs, plan) && sms.requestedAt === undefined;
  const mayBeLate = confirmed?.by === 'DELETE' && isBeforeSms && plan.whenUncertain === 'hold';
  return mayBeLate ? Math.max(graceEndsAt, wokeLateAt + heldAfterOutage(plan)) : graceEndsAt;
}

/** When the next DELETE is due. Every wait for a DELIVERED counts from the answer that made it necessary. */
function nextDeleteAt(mode: RevocationMode, rcs: Rcs, plan: Plan): Instant {
  const { lastDelete } = rcs;
  const failedEventGraceEnds = failedEventGraceEndsAt(rcs, plan);
  if (lastDelete === undefined) return Math.max(firstDeleteAt(mode, rcs, plan), failedEventGraceEnds);
  if (rcs.needsDelete) return lastDelete.at;
  // A 404 may well mean delivered (RBM "Revoke messages"): DELIVERED gets its grace before the next DELETE.
  const mayBeDelivered = lastDelete.answer === 'notFound' || lastDelete.answer === 'revoked';
  const first = mayBeDelivered ? Math.max(plan.grace, SECOND) : SECOND;
  const pause = backoff(rcs.deleteAnswers, longestPause(plan.holdTimeout, 300 * SECOND), first);
  return Math.max(lastDelete.at + Math.max(lastDelete.retryAfter ?? 0, first, pause), failedEventGraceEnds);
}

/** RBM's own revocation failed, perhaps since the message was delivered: DELIVERED gets its grace within the budget. */
function failedEventGraceEndsAt(rcs: Rcs, plan: Plan): Instant {
  if (rcs.ttlRevokeFailedAt === undefined) return -Infinity;
  return Math.min(rcs.ttlRevokeFailedAt + plan.grace, revokeDueAt(rcs) + revokeHeadroom(plan));
}

/**
 * A create that is under way may end first. RBM goes first at its own expireTime, if that is the expiry that counts.
 */
function firstDeleteAt(mode: RevocationMode, rcs: Rcs, plan: Plan): Instant {
  const dueAt = revokeDueAt(rcs);
  if (isCreating(rcs)) {
    const timeout = revokeTimeout(plan);
    return dueAt + (mode === 'hold' ? timeout : Math.min(timeout, revokeHeadroom(plan)));
  }
  const isRbmFirst = dueAt === rcs.expiresAt && rcs.created?.platformExpiresAt === dueAt;
  return isRbmFirst ? dueAt + platformHeadStart(plan) : dueAt;
}

/** The latest time for the SMS request while nothing is down: the SMS's lateness is measured against it. */
export const smsDeadline = (rcs: Rcs, plan: Plan): Instant => revokeDueAt(rcs) + plan.budget;
