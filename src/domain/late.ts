import { SECOND } from '../contract/duration.js';
import type { Facts } from './delivery.js';
import { revokeTimeout, type Instant, type Plan } from './plan.js';

/** The time limit of one HTTP request. The activity around it has MARGIN more. Milliseconds. */
export const REQUEST_TIMEOUT = 10 * SECOND;
export const MARGIN = 2 * SECOND;
/**
 * After this long in the task queue an SMS request is decided again: a DELIVERED may have come since (G3).
 * Milliseconds.
 */
export const SMS_START = 10 * SECOND;

/** A wait that ends more than this after it was due shows that this system or Temporal was down. Milliseconds. */
export const LATE = 5 * SECOND;

/**
 * How often an outage makes a wait start over. After an outage events may still be on their way: RBM pauses up to 600 s
 * between two attempts to post an event. The number is limited, since in a backlog every wait is late, and the decision
 * must still come (G1, G5).
 */
const MOST_RESTARTS = 3;

/** The last time since `since` at which an outage made waits start over; -Infinity if none did. */
export function lastWokeLateAt({ wokeLateAt }: Pick<Facts, 'wokeLateAt'>, since: Instant): Instant {
  const woken = wokeLateAt.filter((at) => at >= since);
  return woken.slice(0, MOST_RESTARTS).at(-1) ?? -Infinity;
}

/** The latest time by which the running action should have answered. Infinity if none is running, or only a create. */
export function answerDueAt({ rcs, sms }: Facts, plan: Plan): Instant {
  const deleteDueAt = (rcs.deletingSince ?? Infinity) + revokeTimeout(plan) + MARGIN;
  const smsDueAt = (sms.underWay?.since ?? Infinity) + SMS_START + REQUEST_TIMEOUT + MARGIN;
  return Math.min(deleteDueAt, smsDueAt);
}
