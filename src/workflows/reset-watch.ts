import { patched, workflowInfo } from '@temporalio/workflow';
import type { Journal } from './journal.js';

/** Notices that an operator has reset the workflow. */
export interface ResetWatch {
  /** True from the first task after a reset on, until that is noticed in the journal. */
  hasHappened(): boolean;
  /** Notes it in the journal. */
  notice(): void;
}

/**
 * A reset run first replays the events from before the reset. `patched` is false in that replay, and true and recorded in
 * the first task after it. Each reset of a reset run has a number of its own. A run that was never reset asks `patched` only
 * in a replay, where that costs nothing: a replayer gives a reset run the id of the original one.
 */
export function watchForReset(journal: Journal): ResetWatch {
  return {
    hasHappened() {
      if (!isResetRun() && !workflowInfo().unsafe.isReplaying) return false;
      const { lookBack, noticed, runId: lookedBackIn } = journal.delivery.facts.reset;
      const isOver =
        lookBack === 'due' || lookBack === 'underWay' || (lookBack === 'done' && lookedBackIn === workflowInfo().runId);
      return !isOver && patched(`look-back-${String(noticed + 1)}`);
    },
    notice() {
      journal.learn({ kind: 'resetNoticed' });
    },
  };
}

/** Whether an operator's reset made this run. A replayer does not know: it gives a reset run the id of the original one. */
export function isResetRun(): boolean {
  const { runId, originalExecutionRunId } = workflowInfo();
  return runId !== originalExecutionRunId;
}
