import { activityInfo, heartbeat } from '@temporalio/activity';

/** What an attempt records for the next one, as its last heartbeat. */
interface AttemptRecord {
  /** The attempt that wrote it. */
  readonly attempt: number;
  readonly mayBeQueued: boolean;
}

/**
 * Whether an earlier attempt of this activity may have left the message in RBM's queue. An attempt without a record has
 * crashed or timed out, perhaps after its request was sent, so the answer is true.
 */
export function earlierAttemptMayHaveQueued(): boolean {
  const { attempt, heartbeatDetails } = activityInfo() as {
    attempt: number;
    heartbeatDetails: AttemptRecord | undefined;
  };
  if (attempt === 1 && heartbeatDetails === undefined) return false;
  return heartbeatDetails?.attempt === attempt - 1 ? heartbeatDetails.mayBeQueued : true;
}

/** The record while the request is under way: if this worker dies now, RBM may have the message. */
export function meanwhileMayBeQueued(): () => unknown {
  const { attempt } = activityInfo();
  return () => ({ attempt, mayBeQueued: true }) satisfies AttemptRecord;
}

/**
 * Records for the next attempt whether the message may be queued. Call it before this attempt fails. A local activity
 * has no heartbeats (the SDK only logs a warning), so its second attempt assumes that the message may be queued.
 */
export function recordForNextAttempt({ mayBeQueued }: { readonly mayBeQueued: boolean }): void {
  const { attempt, isLocal } = activityInfo();
  if (!isLocal) heartbeat({ attempt, mayBeQueued } satisfies AttemptRecord);
}
