import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { MessageActivities } from '../activities/message-activities.js';
import { MINUTE, SECOND } from '../contract/duration.js';
import type { FormerRuns } from '../contract/former-run.js';
import { stemOf } from '../contract/task-queues.js';
import type { Evidence } from '../domain/evidence.js';
import type { Clock } from './clock.js';
import { askingRunIn } from './failure-reading.js';
import { evidenceOf } from './former-run.js';
import type { Journal } from './journal.js';
import type { SignalReader } from './signals.js';

/**
 * After an operator's reset: asks Temporal what the runs before had learned, and learns it. If that can't be read, the
 * delivery creates nothing again, and an SMS needs proof that none was sent.
 */
export function createLookBack(
  journal: Journal,
  clock: Clock,
  readSignal: SignalReader,
  lookedBack: (former: FormerRuns) => void,
): () => void {
  const { runId, taskQueue } = workflowInfo();
  const readFormerRuns = lookBackOn(stemOf(taskQueue));
  return () => {
    journal.learn({ kind: 'lookBackStarted' });
    void readFormerRuns().then(
      (former) => {
        clock.eventCame();
        lookedBack(former);
        journal.learnFormer(evidenceOf(former, journal.delivery.plan, readSignal));
        const { runId: lookedBackIn = runId, notifications } = former;
        journal.learn({ kind: 'lookedBack', found: 'evidence', runId: lookedBackIn, notifications });
        if (mayHaveSentUnseen(journal, former)) journal.learn({ kind: 'mayHaveBeenSent' });
      },
      (error: unknown) => {
        clock.eventCame();
        const lookedBackIn = askingRunIn(error) ?? runId;
        journal.learn({
          kind: 'lookedBack',
          found: 'unreadable',
          runId: lookedBackIn,
          notifications: MOST_NOTIFICATIONS,
        });
      },
    );
  };
}

/**
 * A local attempt leaves no trace in a history before its task has ended. So no create in any run means that one may have
 * been under way at the reset, unless the run before had settled without anything to revoke.
 */
function mayHaveSentUnseen({ delivery: { evidence } }: Journal, { facts }: FormerRuns): boolean {
  const has = (kind: Evidence['kind']) => evidence.some((item) => item.kind === kind);
  const hasSettled = facts.some(({ kind }) => kind === 'completed');
  return !has('sendStarted') && (!hasSettled || has('revokeStarted'));
}

/** More than one run sends. A gap in their sequence does no harm: the highest counts. */
const MOST_NOTIFICATIONS = 100;

/** Temporal answers this call as soon as it answers at all, so it is given little time. */
const lookBackOn = (taskQueue: string) =>
  proxyActivities<MessageActivities>({
    taskQueue,
    startToCloseTimeout: 30 * SECOND,
    scheduleToCloseTimeout: 10 * MINUTE,
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: MINUTE },
    summary: 'read what the run before the reset had learned',
  }).lookBack;
