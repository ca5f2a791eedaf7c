import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { SECOND } from '../contract/duration.js';
import { FailureType } from '../contract/failures.js';
import type { LookBackDependencies } from './look-back.js';
import type { MeasureOutageInput, MeasureOutageResult } from './message-activities.js';

/** How long an activity takes at most once a worker has taken it, in milliseconds. */
const LONGEST_ACTIVITY = 12 * SECOND;

/**
 * How late Temporal itself was with the wait that was due at `due`. The first event that it wrote after that time tells: a
 * timer that fired in time shows that Temporal was up, and could have taken a signal. No event after it: the answer had
 * come before, and only the workers were late. An activity that a worker took late was due as much later.
 */
export async function measureOutage(
  { histories }: LookBackDependencies,
  { due }: MeasureOutageInput,
): Promise<MeasureOutageResult> {
  const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
  if (histories === undefined) throw unknown('this worker has no access to histories');
  const dueAt = Date.parse(due);
  try {
    const events = await histories.latestEvents({ workflowId, runId });
    const takenAt = events.filter(({ isActivityStart }) => isActivityStart).map(({ time }) => time);
    const wasDueAt = Math.max(dueAt, ...takenAt.filter((at) => at >= dueAt).map((at) => at + LONGEST_ACTIVITY));
    const written = events.filter(({ isActivityStart }) => !isActivityStart).map(({ time }) => time);
    const first = Math.min(...written.filter((time) => time >= wasDueAt));
    return { outageMs: first === Infinity ? 0 : first - wasDueAt };
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
