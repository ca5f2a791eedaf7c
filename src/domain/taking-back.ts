import { allOf, has, lastOf, type Delivery } from './evidence.js';
import type { Instant } from './plan.js';
import { refusedThoughMaybeQueuedAt } from './sending.js';

/** The expiry in force: the caller's, or the last one an operator set. */
export function expiresAt(delivery: Delivery): Instant {
  return lastOf(delivery, 'expiryChanged')?.expiresAt ?? delivery.plan.expiresAt;
}

/** When the message is to be taken back: at its expiry, or earlier when something ends its time before that. */
export function takeBackAt(delivery: Delivery): Instant {
  const ends = allOf(
    delivery,
    'revokeRequested',
    'cancelRequested',
    // RBM has given up on it, or tried to.
    'ttlExpirationRevoked',
    'ttlExpirationRevokeFailed',
  ).map(({ at }) => at);
  return Math.min(expiresAt(delivery), refusedThoughMaybeQueuedAt(delivery), ...ends);
}

export const isCancelled = (delivery: Delivery) => has(delivery, 'cancelRequested');

/** Whether an SMS may follow at all. */
export function smsWanted(delivery: Delivery): boolean {
  if (delivery.plan.input.fallback === undefined || isCancelled(delivery)) return false;
  return lastOf(delivery, 'revokeRequested')?.fallback !== 'none';
}
