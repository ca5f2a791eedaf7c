import type { EndReason } from '../contract/status.js';
import type { Evidence, RbmEvent, RevokeAnswered, SendAnswered, TtlEventKind } from './evidence.js';
import type { Instant } from './plan.js';
import type { Rcs } from './rcs-facts.js';

/** The facts after one more piece of evidence. Evidence about the SMS leg changes nothing. */
export function evolveRcs(rcs: Rcs, item: Evidence): Rcs {
  switch (item.kind) {
    case 'sendStarted':
      return { ...rcs, create: 'underWay', created: item };
    case 'sendStopRequested':
      return { ...rcs, create: rcs.create === 'underWay' ? 'calledOff' : rcs.create };
    case 'mayHaveBeenSent':
      return { ...rcs, mayBeQueued: true };
    case 'sendAnswered':
      return createAnswered(rcs, item);
    case 'revokeStarted':
      return { ...rcs, deletingSince: item.at, queuedSinceDelete: false };
    case 'revokeAnswered':
      return deleteAnswered(rcs, item);
    case 'ttlExpirationRevoked':
      return { ...ttlEvent(rcs, item.kind, item), ttlExpirationRevokedAt: item.at };
    case 'ttlExpirationRevokeFailed':
      // It contradicts an earlier 200 to a DELETE.
      return { ...ttlEvent(rcs, item.kind, item), ttlExpirationRevokeFailedAt: item.at, deletedAt: undefined };
    case 'delivered':
    case 'read':
    case 'replied':
      return { ...rcs, provedAt: rcs.provedAt ?? item.at, proofs: [...rcs.proofs, item.kind], reachedRbm: true };
    case 'revokeRequested':
      return { ...revokedEarly(rcs, item.at, 'operator'), revokeRequested: item.fallback };
    case 'cancelRequested':
      return { ...revokedEarly(rcs, item.at, 'cancelled'), cancelledAt: item.at, needsDelete: true };
    case 'notAcceptedInTime':
      return revokedEarly(rcs, item.due, 'notAccepted');
    case 'optedOut':
      return optOutHeard({ ...rcs, optOutHeardAt: rcs.optOutHeardAt ?? item.at }, item.at);
    case 'otherSender':
      return { ...rcs, otherSenders: rcs.otherSenders + 1 };
    case 'smsAnswered':
      return item.answer === 'suppressed' ? optedOut(rcs, item.at) : rcs;
    case 'expiryChanged':
      return { ...rcs, expiresAt: item.expiresAt, expiryChanged: true };
    case 'lookedBack':
      return item.found === 'unreadable' ? { ...rcs, isUnreadable: true, mayBeQueued: true } : rcs;
    case 'resetNoticed':
    case 'lookBackStarted':
    case 'smsRequested':
    case 'smsStopRequested':
    case 'smsReconciliationStarted':
    case 'smsReconciled':
    case 'smsStatus':
    case 'wokeLate':
      return rcs;
  }
}

function createAnswered(rcs: Rcs, item: SendAnswered & { readonly at: Instant }): Rcs {
  const { total, denied, accepted } = rcs.createAnswers;
  const isAccepted = item.answer === 'accepted';
  const ended: Rcs = {
    ...(item.answer === 'suppressed' ? optedOut(rcs, item.at) : withHonors(rcs, item)),
    ...reachedRbm(rcs, item),
    create: 'ended',
    createAnswers: {
      total: total + 1,
      denied: denied + (item.answer === 'denied' ? 1 : 0),
      accepted: accepted || isAccepted,
    },
    lastCreate: item,
    sentByAnotherRun: rcs.sentByAnotherRun || item.sentByAnotherRun === true,
    summary: item.summary ?? rcs.summary,
  };
  if (!item.mayBeQueued && !isAccepted) return ended;
  // RBM may have queued the message after it handled an earlier DELETE, so that 200 says nothing about the message.
  return {
    ...ended,
    mayBeQueued: true,
    queuedAt: item.at,
    queuedUntil: latest(rcs.queuedUntil, rcs.created?.platformExpiresAt),
    queuedSinceDelete: true,
    needsDelete: true,
    deletedAt: undefined,
  };
}

const latest = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);

function deleteAnswered(rcs: Rcs, item: RevokeAnswered & { readonly at: Instant }): Rcs {
  const deletedAt = rcs.queuedSinceDelete ? undefined : item.at;
  return {
    ...rcs,
    ...reachedRbm(rcs, item),
    deletingSince: undefined,
    deleteAnswers: rcs.deleteAnswers + 1,
    lastDelete: item,
    deletedAt: item.answer === 'revoked' ? deletedAt : rcs.deletedAt,
    needsDelete: rcs.queuedSinceDelete,
  };
}

/** A TTL event shows that RBM had the message, and that RBM has revoked it or tried to. */
function ttlEvent(rcs: Rcs, kind: TtlEventKind, { eventId, at }: RbmEvent & { readonly at: Instant }): Rcs {
  const ttlEvents = { ...rcs.ttlEvents, [kind]: [...rcs.ttlEvents[kind], eventId] };
  return { ...revokedEarly(rcs, at, 'platform'), mayBeQueued: true, reachedRbm: true, ttlEvents };
}

const revokedEarly = (rcs: Rcs, at: Instant, reason: EndReason): Rcs =>
  rcs.revokeEarly === undefined || at < rcs.revokeEarly.at ? { ...rcs, revokeEarly: { at, reason } } : rcs;

const optedOut = (rcs: Rcs, at: Instant): Rcs => ({
  ...revokedEarly(rcs, at, 'optedOut'),
  optedOutAt: rcs.optedOutAt ?? at,
});

/** The worker knows the traffic type of a message that names none, and with it whether an opt-out counts. */
const withHonors = (rcs: Rcs, { honorsOptOut = false, at }: SendAnswered & { readonly at: Instant }): Rcs =>
  honorsOptOut ? optOutHeard({ ...rcs, honorsOptOut }, at) : rcs;

const optOutHeard = (rcs: Rcs, at: Instant): Rcs =>
  rcs.honorsOptOut && rcs.optOutHeardAt !== undefined ? optedOut(rcs, at) : rcs;

/**
 * Adds whether the answer shows that a request reached RBM, or that one did not. A request that was called off or timed
 * out shows neither. If the last attempt of a create was not sent, an earlier one may still have reached RBM.
 */
function reachedRbm(rcs: Rcs, item: SendAnswered | RevokeAnswered): Pick<Rcs, 'reachedRbm' | 'failedToReachRbm'> {
  const { reason, answer, notSent = false } = item;
  const isAnswer = reason !== undefined || !['stopped', 'failed', 'unanswered', 'suppressed'].includes(answer);
  const reached = notSent ? item.kind === 'sendAnswered' && item.mayBeQueued : isAnswer;
  return { reachedRbm: rcs.reachedRbm || reached, failedToReachRbm: rcs.failedToReachRbm || notSent };
}
