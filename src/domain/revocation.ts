import { SECOND } from '../contract/duration.js';
import { backoff, longestPause } from './backoff.js';
import type { Facts } from './delivery.js';
import { eventsMayComeUntil, outageEndedAt, resumedAt } from './late.js';
import { revokeHeadroom, revokeTimeout, type Instant, type Plan } from './plan.js';
import { confirmation, isCreating, isFallbackWanted, isHeld, revokeDueAt, revokesFrom } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import { waitUntil, type Step } from './step.js';

/**
 * What follows if the revocation stays unconfirmed. It decides how long to keep trying.
 * - `deadline`: the SMS, in time for its deadline (G5).
 * - `cancelled`: CANCELLED, without an SMS.
 * - `hold`: UNCERTAIN. No SMS is sent without a confirmation (G6), or none is wanted.
 */
export type RevocationMode = 'deadline' | 'cancelled' | 'hold';

export function revocationMode(rcs: Rcs, plan: Plan): RevocationMode {
  if (rcs.cancelledAt !== undefined) return 'cancelled';
  return isFallbackWanted(rcs, plan) && !isHeld(rcs, plan) ? 'deadline' : 'hold';
}

/** The next step of the revocation once it is due, or how it ended. */
export function decideRevocation(facts: Facts, plan: Plan, now: Instant): Step | 'revoked' | 'inconclusive' {
  const { rcs } = facts;
  const mode = revocationMode(rcs, plan);
  const givesUpAt = givesUpAtIn(mode, facts, plan);
  if (confirmation(rcs) !== undefined) {
    // A DELIVERED may come shortly after a revocation (docs/rbm.md, "Revocation"): wait out the grace.
    const graceEndsAt = graceEndsAtFor(facts, plan);
    const until = mode === 'hold' ? graceEndsAt : Math.min(graceEndsAt, givesUpAt);
    return now < until ? waitUntil(until) : 'revoked';
  }
  const latest = mayGiveUp(mode, rcs) ? givesUpAt : Infinity;
  if (now >= latest) return 'inconclusive';
  if (rcs.deletingSince !== undefined) return waitUntil(latest);
  const next = nextDeleteAt(mode, rcs, plan, longestPause(plan.holdTimeout, LONGEST_PAUSE));
  if (now < next) return waitUntil(Math.min(next, latest));
  return { do: 'revoke', timeout: revokeTimeout(plan), startWithin: startWithin(mode, givesUpAt, now) };
}

/**
 * With an SMS deadline, a DELETE that no worker picks up in time counts as unanswered (G5): a rate limit of its queue may
 * hold it back, or no worker may serve that queue.
 */
const startWithin = (mode: RevocationMode, givesUpAt: Instant, now: Instant): number | null =>
  mode === 'deadline' ? Math.max(SECOND, givesUpAt - now) : null;

/**
 * G4: wait for the first DELETE to end, however long. With an SMS deadline, RBM's own revocation counts as well, and
 * later DELETEs and a create that is under way are not waited for.
 */
function mayGiveUp(mode: RevocationMode, rcs: Rcs): boolean {
  if (mode === 'deadline') return rcs.deleteAnswers > 0 || rcs.ttlExpirationRevokedAt !== undefined;
  const isOpen = rcs.deletingSince !== undefined || isCreating(rcs) || rcs.needsDelete;
  return rcs.deleteAnswers > 0 && !isOpen;
}

/** When the revocation that is under way is given up, if nothing is confirmed and nothing else is learned before. */
export const revocationGivesUpAt = (facts: Facts, plan: Plan): Instant =>
  givesUpAtIn(revocationMode(facts.rcs, plan), facts, plan);

/**
 * The time from which an unconfirmed revocation counts as inconclusive. After an outage, one DELETE and its grace still fit.
 */
function givesUpAtIn(mode: RevocationMode, facts: Facts, plan: Plan): Instant {
  const { rcs } = facts;
  const dueAt = revokeDueAt(rcs);
  const oneDelete = revokeTimeout(plan) + plan.grace;
  const byBudget = Math.max(dueAt + plan.budget, resumedAt(facts, dueAt) + oneDelete);
  if (mode === 'deadline') return byBudget;
  const lastCallAt = Math.max(rcs.cancelledAt ?? -Infinity, rcs.queuedAt ?? -Infinity) + oneDelete;
  if (mode === 'cancelled') return Math.max(byBudget, lastCallAt);
  const eventsUntil = eventsMayComeUntil(facts, dueAt, plan.holdTimeout);
  const byHold = Math.max(dueAt + plan.holdTimeout, Math.max(resumedAt(facts, dueAt), eventsUntil) + oneDelete);
  return Math.max(byHold, lastCallAt, failedEventGraceEndsAt(rcs, plan) + oneDelete);
}

function graceEndsAtFor(facts: Facts, plan: Plan): Instant {
  const { rcs, sms } = facts;
  const confirmed = confirmation(rcs);
  const dueAt = revokeDueAt(rcs);
  const graceEndsAt = Math.max(confirmed?.at ?? -Infinity, outageEndedAt(facts, dueAt)) + plan.grace;
  // By RBM's older pages a DELIVERED may follow a 200 to DELETE, and an outage may delay it. None follows RBM's TTL event.
  // The first SMS request has waited for it already, so an outage in the SMS leg adds no time.
  const isBeforeSms = isFallbackWanted(rcs, plan) && sms.requestedAt === undefined;
  const mayBeLate = confirmed?.by === 'DELETE' && isBeforeSms && isHeld(rcs, plan);
  return mayBeLate
    ? Math.max(graceEndsAt, eventsMayComeUntil(facts, dueAt, plan.holdTimeout) + plan.grace)
    : graceEndsAt;
}

/** The usual longest pause between two DELETEs. Milliseconds. */
export const LONGEST_PAUSE = 300 * SECOND;

/**
 * When the next DELETE is due, at most `longest` (milliseconds) after an answer that settled nothing. A wait for a
 * DELIVERED starts at the answer or event that suggests one.
 */
export function nextDeleteAt(mode: RevocationMode, rcs: Rcs, plan: Plan, longest: number): Instant {
  const { lastDelete } = rcs;
  const failedEventGraceEnds = failedEventGraceEndsAt(rcs, plan);
  if (lastDelete === undefined) return Math.max(firstDeleteAt(mode, rcs, plan), failedEventGraceEnds);
  if (rcs.needsDelete || lastDelete.workerLost === true) return lastDelete.at;
  // A 404 may mean delivered (docs/rbm.md, "Revocation"): DELIVERED gets its grace before the next DELETE.
  const mayBeDelivered = lastDelete.answer === 'notFound' || lastDelete.answer === 'revoked';
  const first = mayBeDelivered ? Math.max(plan.grace, SECOND) : SECOND;
  const pause = backoff(rcs.deleteAnswers, longest, first);
  return Math.max(lastDelete.at + Math.max(lastDelete.retryAfter ?? 0, first, pause), failedEventGraceEnds);
}

/** RBM's own revocation failed, perhaps because the message was delivered: wait for DELIVERED, within the budget. */
function failedEventGraceEndsAt(rcs: Rcs, plan: Plan): Instant {
  if (rcs.ttlExpirationRevokeFailedAt === undefined) return -Infinity;
  return Math.min(rcs.ttlExpirationRevokeFailedAt + plan.grace, revokeDueAt(rcs) + revokeHeadroom(plan));
}

/** The first DELETE waits for a create that is under way. */
function firstDeleteAt(mode: RevocationMode, rcs: Rcs, plan: Plan): Instant {
  const dueAt = revokeDueAt(rcs);
  if (isCreating(rcs)) {
    const timeout = revokeTimeout(plan);
    return dueAt + (mode === 'hold' ? timeout : Math.min(timeout, revokeHeadroom(plan)));
  }
  return revokesFrom(rcs, plan);
}

/** The latest time for the SMS request if nothing is down. The SMS's lateness is measured against it. */
export const smsDeadline = (rcs: Rcs, plan: Plan): Instant => revokeDueAt(rcs) + plan.budget;
