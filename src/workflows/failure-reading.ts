import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { FailureType, type FailureDetails, type UnreadableDetails } from '../contract/failures.js';
import type { FormerActivity } from '../contract/former-run.js';

/** What is known of a failed activity: the type of its failure, or why it has none, and the details. */
export interface Reading extends FailureDetails {
  readonly type: FailureType | 'Cancelled' | 'NotStarted' | 'TimedOut' | 'WorkerLost' | 'Fault';
}

const known: readonly string[] = Object.values(FailureType);

/** The failure of a local activity comes as it is, that of a normal one wrapped in an ActivityFailure. */
export function readFailure(error: unknown): Reading {
  if (isCancellation(error)) return { type: 'Cancelled' };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    if (cause.timeoutType === 'SCHEDULE_TO_START') return { type: 'NotStarted' };
    const type = cause.timeoutType === 'HEARTBEAT' ? 'WorkerLost' : 'TimedOut';
    return { ...askedProvider(cause.lastHeartbeatDetails), type };
  }
  if (!(cause instanceof ApplicationFailure)) return { type: 'Fault' };
  const [details] = (cause.details ?? []) as [FailureDetails?];
  return ofType(cause.type, details);
}

/**
 * The run that looked back in vain, from its activity's failure: a reset of that run replays the failure under another id.
 * Undefined if the activity never ran.
 */
export function askingRunIn(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = (cause as { readonly cause?: unknown }).cause) {
    if (!(cause instanceof ApplicationFailure) || cause.type !== FailureType.FormerRunUnreadable) continue;
    const [details] = (cause.details ?? []) as [Partial<UnreadableDetails>?];
    return details?.runId;
  }
  return undefined;
}

/** The same for an activity of a former run that did not complete. One that was open may have had any effect. */
export function readFormerFailure({ end, failure = {} }: FormerActivity): Reading {
  const { type, details, timeoutType, lastHeartbeat } = failure;
  if (end === 'cancelled') return { type: 'Cancelled' };
  if (timeoutType === 'SCHEDULE_TO_START') return { type: 'NotStarted' };
  if (end === 'timedOut' || end === 'open') return { ...askedProvider(lastHeartbeat), type: 'TimedOut' };
  return ofType(type, details);
}

const ofType = (type: string | null | undefined, details: FailureDetails | undefined): Reading =>
  known.includes(type ?? '') ? { ...details, type: type as FailureType } : { type: 'Fault' };

/** The SMS provider that a worker was calling when the activity timed out, from its last heartbeat. */
function askedProvider(lastHeartbeat: unknown): Pick<FailureDetails, 'provider' | 'repeatable'> {
  const { provider, repeatable } = (lastHeartbeat ?? {}) as Partial<Record<keyof FailureDetails, unknown>>;
  if (typeof provider !== 'string' || typeof repeatable !== 'boolean') return {};
  return { provider, repeatable };
}
