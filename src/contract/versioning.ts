import { durationToMs, HOUR } from './duration.js';
import type { MessageDeliveryInput } from './input.js';

/**
 * The memo in which a starter says that a delivery is over soon. With Worker Versioning it then stays on the version of the
 * worker that began it (docs/operations.md, "Deploying"). Absent: it moves to each new version.
 */
export const SHORT_LIVED_MEMO = 'shortLived';

/** A delivery that expires within this time is over within some hours: its SMS is of use for four. */
const SHORT = HOUR;

/** Whether to set the memo. `now`: epoch milliseconds. */
export const isShortLived = (
  { ttl, expireTime = '' }: Pick<MessageDeliveryInput, 'ttl' | 'expireTime'>,
  now: number,
): boolean => (ttl === undefined ? Date.parse(expireTime) - now : durationToMs(ttl)) <= SHORT;
