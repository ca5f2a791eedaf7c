import { SECOND } from '../contract/duration.js';
import { allOf, isRunning, lastOf, type Delivery } from './evidence.js';
import { revokeTimeout, type Instant } from './plan.js';

/** What one HTTP request may take at most; the activity around it gets a margin more. Milliseconds. */
export const REQUEST = 10 * SECOND;
export const MARGIN = 2 * SECOND;
/** An SMS that no worker has begun to send by then is decided anew: a DELIVERED may have come meanwhile (G3). */
export const SMS_START = 10 * SECOND;

/** A wait that ends this much too late tells of an outage of ours or of Temporal's. */
export const LATE = 5 * SECOND;

/**
 * After an outage of ours events may still be on their way (RBM backs off up to 600 s), so waits begin anew. Not for ever:
 * when everything is late all the time, as in a backlog, the decision must come all the same (G1, G5).
 */
const MOST_EXTENSIONS = 3;

/** When this system last came back from an outage that it slept through, of those after `since`; -Infinity: never. */
export function wokenAt(delivery: Delivery, since: Instant): Instant {
  const woken = allOf(delivery, 'wokeLate').filter(({ at }) => at >= since);
  return woken.slice(0, MOST_EXTENSIONS).at(-1)?.at ?? -Infinity;
}

/** By when the action that is waited for has ended, unless we are down; Infinity when there is none. */
export function answerDueAt(delivery: Delivery): Instant {
  const begun = (
    started: 'revokeStarted' | 'smsRequested' | 'smsReconciliationStarted',
    answered: 'revokeAnswered' | 'smsAnswered' | 'smsReconciled',
  ) => (isRunning(delivery, started, answered) ? (lastOf(delivery, started)?.at ?? Infinity) : Infinity);
  return Math.min(
    begun('revokeStarted', 'revokeAnswered') + revokeTimeout(delivery.plan) + MARGIN,
    begun('smsRequested', 'smsAnswered') + SMS_START + REQUEST + MARGIN,
    begun('smsReconciliationStarted', 'smsReconciled') + SMS_START + REQUEST + MARGIN,
  );
}
