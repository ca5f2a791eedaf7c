import { allOf, has, NOT_SENT, type Delivery } from './evidence.js';

/** True when attempts never got to RBM (no access token, no connection), and nothing tells that any other one did. */
export function neverReachedRbm(delivery: Delivery): boolean {
  if (has(delivery, 'delivered', 'read', 'replied', 'ttlExpirationRevoked', 'ttlExpirationRevokeFailed')) return false;
  const answers = allOf(delivery, 'sendAnswered', 'revokeAnswered');
  const isNotSent = (reason = '') => reason.startsWith(NOT_SENT);
  // What was called off, or had no end in its time, says nothing.
  const saysNothing = (answer: string, reason: string | undefined) =>
    reason === undefined && ['stopped', 'failed', 'unanswered'].includes(answer);
  // An earlier attempt of the same create got there.
  const mayBeQueued = (item: (typeof answers)[number]) =>
    item.kind === 'sendAnswered' && item.mayBeQueued && isNotSent(item.reason);
  return (
    !answers.some(mayBeQueued) &&
    answers.some(({ reason }) => isNotSent(reason)) &&
    answers.every(({ answer, reason }) => isNotSent(reason) || saysNothing(answer, reason))
  );
}
