import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FailureType } from '../contract/failures.js';
import type { LookBackDependencies } from './look-back.js';
import type { MeasureOutageInput, MeasureOutageResult } from './message-activities.js';

/**
 * How late Temporal itself was with the wait that was due at `due`. The first event that it wrote after that time tells: a
 * timer that fired in time shows that Temporal was up, and could have taken a signal. No event after it: the answer had
 * come before, and only the workers were late.
 */
export async function measureOutage(
  { histories }: LookBackDependencies,
  { due }: MeasureOutageInput,
): Promise<MeasureOutageResult> {
  const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
  if (histories === undefined) throw unknown('this worker has no access to histories');
  const dueAt = Date.parse(due);
  try {
    const times = await histories.latestEventTimes({ workflowId, runId });
    const first = Math.min(...times.filter((time) => time >= dueAt));
    return { outageMs: first === Infinity ? 0 : first - dueAt };
  } catch (error) {
    throw unknown(error instanceof Error ? error.name : 'unknown error');
  }
}

function unknown(reason: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureType.OutageUnknown,
    message: `how late Temporal was is not known (${reason})`,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}
