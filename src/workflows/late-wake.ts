import { proxyLocalActivities } from '@temporalio/workflow';
import type { MessageActivities } from '../activities/message-activities.js';
import { SECOND } from '../contract/duration.js';
import { outageMatters } from '../domain/late.js';
import { toTime, type Instant } from '../domain/plan.js';
import type { Clock } from './clock.js';
import type { Journal } from './journal.js';

/**
 * Learns that a wait ended late. After an outage of Temporal events may still be on their way, and the delivery waits for
 * them. In a backlog every signal is in the history already, and waiting would make it worse. A local activity asks
 * Temporal which of the two it was, where that makes a difference. It costs one event.
 */
export async function learnLate(due: Instant, journal: Journal, clock: Clock): Promise<void> {
  const { facts, plan } = journal.delivery;
  if (!outageMatters(facts, plan)) {
    journal.learn({ kind: 'wokeLate', due });
    return;
  }
  clock.standStill();
  const outage = await measureOutage({ due: toTime(due) }).then(
    ({ outageMs }) => ({ outage: outageMs }),
    () => ({}),
  );
  journal.learn({ kind: 'wokeLate', due, ...outage });
}

/** Temporal answers within some 10 ms, or is in trouble itself. */
const { measureOutage } = proxyLocalActivities<MessageActivities>({
  scheduleToCloseTimeout: 2 * SECOND,
  retry: { maximumAttempts: 1 },
  summary: 'was Temporal late itself?',
});
