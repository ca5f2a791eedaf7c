import { workflowInfo } from '@temporalio/workflow';
import type { Evidence } from '../domain/evidence.js';
import { LATE } from '../domain/late.js';
import type { Clock } from './clock.js';
import type { Journal } from './journal.js';

/**
 * The first workflow task of a delivery with nothing to send: what came before decided otherwise, or the task is so
 * late that the expiry has passed. No worker was there, or the one that sent the message has crashed: an outage like
 * any other.
 */
export function startLate(journal: Journal, clock: Clock): void {
  const { startedAt } = journal.delivery.plan;
  clock.startNow();
  journal.seenNow();
  if (clock.now() - startedAt > LATE) journal.learn({ kind: 'wokeLate', due: startedAt });
  if (mayBeRetried(journal)) journal.learn({ kind: 'mayHaveBeenSent' });
}

/**
 * True if another worker may have run the first workflow task before, and have crashed while or after it sent the
 * message. A local attempt leaves no other trace. The task's start is event 3, behind what was signalled before it.
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
  'cancelRequested',
];
