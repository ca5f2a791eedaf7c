import { ApplicationFailure, log, patched, workflowInfo } from '@temporalio/workflow';
import { describeProblems } from '../contract/check.js';
import { FailureType } from '../contract/failures.js';
import { workflowIdFor } from '../contract/ids.js';
import { checkInput, splitUnknown, type CheckedInput, type MessageDeliveryInput } from '../contract/input.js';
import type { Instant } from '../domain/plan.js';
import { isResetRun } from './reset-watch.js';

/** At most this many ignored fields are named in the log. */
const MOST_NAMED = 20;

/**
 * The input, normalised. It is checked as of the workflow's start, so that a late worker does not refuse an input that
 * was valid then. Throws a non-retryable InvalidInput that names every bad field and repeats no value.
 */
export function validInput(input: unknown, startedAt: Instant): MessageDeliveryInput {
  // A field of a newer client must not fail the delivery on an older worker.
  const { known, unknown } = splitUnknown(input);
  if (unknown.length > 0)
    log.warn('input fields ignored: not known to this worker', { fields: unknown.slice(0, MOST_NAMED) });
  const checked = check(known, startedAt);
  const problems = checked.ok ? [] : [...checked.problems];
  // The webhook finds a delivery by its workflow id: under another id it could never learn of a DELIVERED.
  if (checked.ok && workflowInfo().workflowId !== workflowIdFor(checked.input)) {
    problems.push({ field: 'workflowId', problem: 'must be message-delivery:{agentId}:{messageId}' });
  }
  if (checked.ok && problems.length === 0) return checked.input;
  throw ApplicationFailure.create({
    type: FailureType.InvalidInput,
    message: `The input is not valid. ${describeProblems(problems)}`,
    nonRetryable: true,
    details: [problems],
  });
}

/** A delivery that began before unusable texts were refused goes on. */
function check(input: unknown, startedAt: Instant): CheckedInput {
  const checked = checkInput(input, startedAt);
  if (checked.ok) return checked;
  const before = checkInput(input, startedAt, { takesUnusableTexts: true });
  return before.ok && (isResetRun() || !patched('refuse-unusable-texts')) ? before : checked;
}
