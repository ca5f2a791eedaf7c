import { SECOND } from '../contract/duration.js';
import { backoff, longestPause } from './backoff.js';
import type { Step } from './decide.js';
import { allOf, has, isRunning, lastOf, type Delivery, type Evidence } from './evidence.js';
import { wokenAt } from './outages.js';
import { platformHeadStart, revokeHeadroom, revokeTimeout, type Instant, type Plan } from './plan.js';
import { isCreating } from './sending.js';
import { expiresAt, isCancelled, smsWanted, takeBackAt } from './taking-back.js';

/** Taking the message back, from its expiry on: the next step, or how it ended. */
export function decideRevocation(delivery: Delivery, now: Instant): Step | 'revoked' | 'inconclusive' {
  const patienceEnds = patienceEndsAt(delivery);
  const confirmed = confirmation(delivery);
  if (confirmed !== undefined) {
    // Both generations of RBM's "Revoke messages" warn of a DELIVERED shortly after: wait out the grace.
    const graceEnds = graceEndsAt(delivery, confirmed);
    const until = isDeadline(delivery) ? Math.min(graceEnds, patienceEnds) : graceEnds;
    return now < until ? { do: 'wait', until } : 'revoked';
  }
  const running = isRunning(delivery, 'revokeStarted', 'revokeAnswered');
  // Never an SMS before a first attempt to revoke has ended (G4), however late it gets; only its deadline leaves a later one
  // behind, or a create.
  const underWay = running || isCreating(delivery) || asksForDelete(delivery);
  const mayEnd = hasSmsDeadline(delivery) ? wasAttempted(delivery) : has(delivery, 'revokeAnswered') && !underWay;
  if (mayEnd && now >= patienceEnds) return 'inconclusive';
  const latest = mayEnd ? patienceEnds : Infinity;
  if (running) return waitUntil(latest);
  const next = nextRevokeAt(delivery);
  return now < next ? waitUntil(Math.min(next, latest)) : { do: 'revoke', timeout: revokeTimeout(delivery.plan) };
}

/** RBM's own attempt counts, even one that it contradicts in the last moment: the deadline leaves no time for ours. */
const wasAttempted = (delivery: Delivery) => has(delivery, 'revokeAnswered', 'ttlExpirationRevoked');

/** Infinity: for evidence alone. */
export const waitUntil = (until: Instant): Step => ({ do: 'wait', until: until === Infinity ? null : until });

function graceEndsAt(delivery: Delivery, { at, kind }: Evidence): Instant {
  const { plan } = delivery;
  const woken = wokenAt(delivery, takeBackAt(delivery));
  const graceEnds = Math.max(at, woken) + plan.grace;
  // The older documents' 200 may stand beside a DELIVERED that was held up; RBM's own event does not. Once there was time
  // for that, an outage in the SMS leg gives no more of it.
  const isBeforeSms = smsWanted(delivery) && !has(delivery, 'smsRequested');
  const mayBeLate = kind === 'revokeAnswered' && isBeforeSms && plan.whenUncertain === 'hold';
  return mayBeLate ? Math.max(graceEnds, woken + heldAfterOutage(plan)) : graceEnds;
}

export const confirmedAt = (delivery: Delivery): Instant | undefined => confirmation(delivery)?.at;

/**
 * What makes the message count as taken back, if it does: DELETE's 200, or RBM's own TTL_EXPIRATION_REVOKED. A
 * TTL_EXPIRATION_REVOKE_FAILED contradicts: one after the 200, or any beside the TTL event, whose order is not known. A
 * create that ended after the DELETE had begun, or has not ended yet, may have queued the message behind it.
 */
function confirmation(delivery: Delivery): Evidence | undefined {
  const failed = lastOf(delivery, 'ttlExpirationRevokeFailed');
  const deleted = allOf(delivery, 'revokeAnswered').findLast(({ answer }) => answer === 'revoked');
  const isVoid = (answer: Evidence) =>
    isAfter(delivery, failed, answer) || isCreating(delivery) || isQueuedBehind(delivery, answer);
  if (deleted !== undefined && !isVoid(deleted)) return deleted;
  return failed === undefined ? lastOf(delivery, 'ttlExpirationRevoked') : undefined;
}

/** True when a create that may have queued the message ended after the DELETE of this revokeAnswered had begun. */
function isQueuedBehind(delivery: Delivery, answer: Evidence): boolean {
  const before = delivery.evidence.slice(0, delivery.evidence.indexOf(answer));
  const began = before.findLast(({ kind }) => kind === 'revokeStarted') ?? answer;
  return isAfter(delivery, lastQueueing(delivery), began);
}

/** The last create that may have put the message into RBM's queue. */
const lastQueueing = (delivery: Delivery) =>
  allOf(delivery, 'sendAnswered').findLast(({ answer, mayBeQueued }) => mayBeQueued || answer === 'accepted');

const isAfter = ({ evidence }: Delivery, one: Evidence | undefined, other: Evidence) =>
  one !== undefined && evidence.indexOf(one) > evidence.indexOf(other);

const hasSmsDeadline = (delivery: Delivery) => smsWanted(delivery) && delivery.plan.whenUncertain === 'send';

/** True when the wait has a hard end: the SMS has its deadline, and a cancelled workflow must come to its end. */
const isDeadline = (delivery: Delivery) => isCancelled(delivery) || hasSmsDeadline(delivery);

/** After an outage under `hold`: longer than RBM's longest pause between two deliveries of an event (600 s). */
const HOLD_AFTER_OUTAGE = 900 * SECOND;
const heldAfterOutage = ({ holdTimeout }: Plan) => Math.min(holdTimeout, HOLD_AFTER_OUTAGE);

/** Until when an inconclusive revocation is tried again. */
function patienceEndsAt(delivery: Delivery): Instant {
  const { plan } = delivery;
  const takeBack = takeBackAt(delivery);
  const woken = wokenAt(delivery, takeBack);
  // Time for one DELETE and one grace.
  const anew = revokeTimeout(plan) + plan.grace;
  if (hasSmsDeadline(delivery)) return Math.max(takeBack + plan.budget, woken + anew);
  const calls = callsForDelete(delivery).map(({ at }) => at + anew);
  if (isCancelled(delivery)) return Math.max(takeBack + plan.budget, woken + anew, ...calls);
  const held = Math.max(takeBack + plan.holdTimeout, woken + heldAfterOutage(plan));
  return Math.max(held, failedEventGraceEndsAt(delivery) + anew, ...calls);
}

/** What makes one more DELETE worth its time, whatever was tried before: a cancellation, a create that ended late. */
function callsForDelete(delivery: Delivery): Evidence[] {
  return [lastOf(delivery, 'cancelRequested'), lastQueueing(delivery)].filter((call) => call !== undefined);
}

/** True until a DELETE has followed such a call. */
function asksForDelete(delivery: Delivery): boolean {
  const last = lastOf(delivery, 'revokeAnswered');
  if (last === undefined) return false;
  return isAfter(delivery, lastOf(delivery, 'cancelRequested'), last) || isQueuedBehind(delivery, last);
}

/** The latest moment for the SMS request while nothing of ours is down: what its lateness is measured against. */
export function smsDeadline(delivery: Delivery): Instant {
  return takeBackAt(delivery) + delivery.plan.budget;
}

/** When the next DELETE is due. Every wait for a DELIVERED counts from the answer that made it necessary. */
function nextRevokeAt(delivery: Delivery): Instant {
  const { plan } = delivery;
  const answers = allOf(delivery, 'revokeAnswered');
  const last = answers.at(-1);
  const afterFailedEvent = failedEventGraceEndsAt(delivery);
  if (last === undefined) return Math.max(firstRevokeAt(delivery), afterFailedEvent);
  if (asksForDelete(delivery)) return last.at;
  // A 404 may well mean delivered (RBM "Revoke messages"): give DELIVERED its grace before the next DELETE.
  const first = last.answer === 'notFound' || last.answer === 'revoked' ? Math.max(plan.grace, SECOND) : SECOND;
  const wait = Math.max(
    last.retryAfter ?? 0,
    first,
    backoff(answers.length, longestPause(plan.holdTimeout, 300 * SECOND), first),
  );
  return Math.max(last.at + wait, afterFailedEvent);
}

/** RBM's own revocation failed, perhaps because of a delivery: give DELIVERED its grace, as far as the budget allows. */
function failedEventGraceEndsAt(delivery: Delivery): Instant {
  const failed = lastOf(delivery, 'ttlExpirationRevokeFailed');
  if (failed === undefined) return -Infinity;
  return Math.min(failed.at + delivery.plan.grace, takeBackAt(delivery) + revokeHeadroom(delivery.plan));
}

/** Under `platform` RBM goes first, but only if its expireTime is still ours, and nothing else asks for a revoke now. */
function firstRevokeAt(delivery: Delivery): Instant {
  const { plan } = delivery;
  const takeBack = takeBackAt(delivery);
  if (isCreating(delivery)) {
    return takeBack + Math.min(revokeTimeout(plan), isDeadline(delivery) ? revokeHeadroom(plan) : Infinity);
  }
  const platformExpires = lastOf(delivery, 'sendStarted')?.platformExpiresAt;
  const byPlatform = takeBack === expiresAt(delivery) && platformExpires === takeBack;
  return byPlatform ? takeBack + platformHeadStart(plan) : takeBack;
}
