import { workflowInfo } from '@temporalio/workflow';
import type { Evidence } from '../domain/evidence.js';
import { LATE } from '../domain/late.js';
import type { Clock } from './clock.js';
import type { Journal } from './journal.js';

/**
 * Starts a delivery that sends its message in the first workflow task. The clock stands until a local attempt has ended
 * (docs/decisions/0006). Before a normal activity Temporal's time holds at once.
 */
export function startBySending(journal: Journal, clock: Clock): void {
  if (journal.delivery.plan.startsLocally) return;
  clock.startNow();
  journal.seenNow();
}

/**
 * Starts a delivery whose first workflow task has nothing to send: earlier signals or a cancellation decided that, or
 * the expiry has passed. A late first task counts as an outage: no worker ran, or one crashed after it sent the
 * message.
 */
export function startLate(journal: Journal, clock: Clock): void {
  const { startedAt } = journal.delivery.plan;
  clock.startNow();
  journal.seenNow();
  if (clock.now() - startedAt > LATE) journal.learn({ kind: 'wokeLate', due: startedAt });
  // After a reset, the look-back says what was sent.
  const { plan, facts } = journal.delivery;
  const mayHaveBeenSent = plan.startsLocally && facts.reset.lookBack === 'none' && mayBeRetried(journal);
  if (mayHaveBeenSent) journal.learn({ kind: 'mayHaveBeenSent' });
}

/**
 * True if a worker may have run the first workflow task before and crashed, perhaps after it sent the message: then the
 * history is longer than expected. A local attempt leaves no other trace. Signals before the task add one event each,
 * and the task's start is event 3 without them.
 */
export function mayBeRetried({ delivery }: Journal): boolean {
  const signalled = delivery.evidence.filter(({ kind }) => BEFORE_THE_FIRST_TASK.includes(kind));
  return workflowInfo().historyLength > 3 + signalled.length;
}

const BEFORE_THE_FIRST_TASK: readonly Evidence['kind'][] = [
  'delivered',
  'read',
  'replied',
  'ttlExpirationRevoked',
  'ttlExpirationRevokeFailed',
  'smsStatus',
  'otherSender',
  'optedOut',
  'cancelRequested',
];
