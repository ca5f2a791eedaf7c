import { SECOND } from '../contract/duration.js';
import { backoff } from './backoff.js';
import type { SendAnswer } from './evidence.js';
import { platformExpiry, platformHeadStart, type Instant, type Plan } from './plan.js';
import type { Rcs } from './rcs-facts.js';
import { waitUntil, type Step } from './step.js';

/** DELIVERED, READ and a reply all prove that the phone has the RCS message. */
export const isDelivered = ({ provedAt }: Rcs): boolean => provedAt !== undefined;

/** A create is under way, as far as is known: its answer may be held up. */
export const isCreating = ({ create }: Rcs): boolean => create === 'underWay' || create === 'calledOff';

/** RBM may have the message, or may yet get it from a create that is under way. */
export const mayGetThrough = (rcs: Rcs): boolean => isCreating(rcs) || rcs.mayBeQueued;

/** RBM's 403 says that a retry may help, but the fourth counts as final (docs/rbm.md, "The answers to a create"). */
const DENIALS_UNTIL_FINAL = 4;

/** RBM will never accept the message: it answered 404, 400 or the like, or 403 for the fourth time. */
export function isRefused({ lastCreate, createAnswers }: Rcs): boolean {
  const last = lastCreate?.answer;
  return last === 'notFound' || last === 'refused' || createAnswers.denied >= DENIALS_UNTIL_FINAL;
}

/** When the message is to be revoked: at its expiry, or before if something made that due earlier. */
export function revokeDueAt(rcs: Rcs): Instant {
  // RBM refused the message, but an earlier attempt may have queued it: revoke it at once.
  const refusedAt = isRefused(rcs) && rcs.mayBeQueued ? rcs.lastCreate?.at : undefined;
  return Math.min(rcs.expiresAt, rcs.revokeEarly?.at ?? Infinity, refusedAt ?? Infinity);
}

/**
 * When the first DELETE is due, if no create is under way. At the expiry it waits for this delivery's share of the spread,
 * and for RBM's own revocation if RBM's expireTime is the expiry that counts.
 */
export function revokesFrom(rcs: Rcs, plan: Plan): Instant {
  const dueAt = revokeDueAt(rcs);
  if (dueAt !== rcs.expiresAt) return dueAt;
  const headStart = rcs.created?.platformExpiresAt === dueAt ? platformHeadStart(plan) : 0;
  return dueAt + Math.max(headStart, plan.spreadDelay);
}

/** RBM has not accepted the message, as far as is known, and the delivery waits for that no longer than until `acceptBy`. */
export const isAcceptanceOver = (rcs: Rcs, plan: Plan, now: Instant): boolean =>
  now >= plan.acceptBy && !isAccepted(rcs) && rcs.revokeEarly === undefined;

/** RBM has accepted the message. It is then never created again. */
export const isAccepted = ({ createAnswers }: Rcs): boolean => createAnswers.accepted;

/** Until when creates are attempted. */
const createUntil = (rcs: Rcs, plan: Plan): Instant => Math.min(revokeDueAt(rcs), plan.acceptBy);

/**
 * True if RBM certainly does not have the message: it refused it for good, or no attempt before the revocation was due
 * could have queued it. An attempt without an answer may have (docs/rbm.md, "The answers to a create").
 */
export const wasNeverQueued = (rcs: Rcs, now: Instant): boolean =>
  !mayGetThrough(rcs) && (isRefused(rcs) || now >= revokeDueAt(rcs));

/**
 * What confirms the revocation: DELETE's 200, or RBM's TTL_EXPIRATION_REVOKED. The TTL event does not count beside a
 * TTL_EXPIRATION_REVOKE_FAILED, in whatever order; the 200 does not count while a create may still queue the message.
 */
export function confirmation(rcs: Rcs): { readonly at: Instant; readonly by: 'DELETE' | 'TTL' } | undefined {
  if (rcs.deletedAt !== undefined && !isCreating(rcs)) return { at: rcs.deletedAt, by: 'DELETE' };
  if (rcs.ttlExpirationRevokedAt === undefined || rcs.ttlExpirationRevokeFailedAt !== undefined) return undefined;
  return { at: rcs.ttlExpirationRevokedAt, by: 'TTL' };
}

/** Some attempts never reached RBM, and nothing shows that any other did. */
export const neverReachedRbm = ({ reachedRbm, failedToReachRbm }: Rcs): boolean => failedToReachRbm && !reachedRbm;

/**
 * True if an SMS follows when the message is not delivered. None follows a cancellation, or goes to a person who opted out.
 */
export const isFallbackWanted = (rcs: Rcs, plan: Plan): boolean =>
  plan.input.fallback !== undefined &&
  rcs.cancelledAt === undefined &&
  rcs.optedOutAt === undefined &&
  rcs.revokeRequested !== 'none';

/**
 * An unconfirmed revocation must be followed by no SMS. That is the plan's `hold`, or another run of this message exists,
 * which may have reached the person already.
 */
export const isHeld = (rcs: Rcs, plan: Plan): boolean => plan.whenUncertain === 'hold' || rcs.sentByAnotherRun;

/** The next step towards RBM accepting the message, before its revocation is due. */
export function decideCreate(rcs: Rcs, plan: Plan, now: Instant): Step {
  const { lastCreate } = rcs;
  if (isAccepted(rcs)) return waitUntil(revokesFrom(rcs, plan));
  const until = createUntil(rcs, plan);
  if (rcs.isUnreadable) return waitUntil(until);
  const platformExpiresAt = platformExpiry(plan, rcs.expiresAt);
  if (isCreating(rcs)) return isOutdated(rcs, platformExpiresAt) ? { do: 'stopSending' } : waitUntil(until);
  if (lastCreate === undefined) {
    return { do: 'send', how: plan.startsLocally ? 'local' : 'normal', until, platformExpiresAt };
  }
  const pause = Math.max(lastCreate.retryAfter ?? 0, pauseAfter(lastCreate.answer, rcs.createAnswers.total));
  const next = lastCreate.at + pause;
  return now < next ? waitUntil(Math.min(next, until)) : { do: 'send', how: 'normal', until, platformExpiresAt };
}

/**
 * An operator moved the expiry, and the create that Temporal retries would still ask RBM for the old one (G7). A local
 * attempt ends within seconds by itself.
 */
const isOutdated = ({ create, created }: Rcs, platformExpiresAt: Instant): boolean =>
  create === 'underWay' && created?.how === 'normal' && created.platformExpiresAt !== platformExpiresAt;

/** The normal activity follows the failed local attempt at once; Temporal makes the pauses between its attempts. */
const pauseAfter = (answer: SendAnswer, tries: number): number =>
  tries === 1 && answer === 'failed' ? 0 : backoff(tries, 60 * SECOND);
