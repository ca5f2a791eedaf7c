import { allOf, has, NOT_SENT, type Delivery } from './evidence.js';

/** True when attempts never got to RBM (no access token, no connection), and nothing tells that any other one did. */
export function neverReachedRbm(delivery: Delivery): boolean {
  if (has(delivery, 'delivered', 'read', 'replied', 'ttlExpirationRevoked', 'ttlExpirationRevokeFailed')) return false;
  const answers = allOf(delivery, 'sendAnswered', 'revokeAnswered');
  const isNotSent = (reason = '') => reason.startsWith(NOT_SENT);
  // What was called off, or had no end in its time, says nothing; of a create, an attempt before may have got there.
  const tellsOfReach = (item: (typeof answers)[number]) =>
    isNotSent(item.reason)
      ? item.kind === 'sendAnswered' && item.mayBeQueued
      : item.reason !== undefined || !['stopped', 'failed', 'unanswered'].includes(item.answer);
  return answers.some(({ reason }) => isNotSent(reason)) && !answers.some(tellsOfReach);
}
