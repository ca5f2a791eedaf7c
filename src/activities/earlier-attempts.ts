import { activityInfo, heartbeat } from '@temporalio/activity';

/** What an attempt leaves to the next one, as its last heartbeat. */
interface Legacy {
  /** Which attempt left it. */
  readonly attempt: number;
  readonly mayBeQueued: boolean;
}

/**
 * Whether an earlier attempt of this very activity may have left the message in RBM's queue. An attempt that left no word
 * of its own has crashed or was timed out, perhaps after its request had gone out: then it may have.
 */
export function earlierAttemptMayHaveQueued(): boolean {
  const { attempt, heartbeatDetails } = activityInfo() as { attempt: number; heartbeatDetails: Legacy | undefined };
  if (attempt === 1 && heartbeatDetails === undefined) return false;
  return heartbeatDetails?.attempt === attempt - 1 ? heartbeatDetails.mayBeQueued : true;
}

/**
 * Leaves word for the next attempt, before this one fails. A local activity has no heartbeats (the SDK only logs a
 * warning), so its second attempt takes the message as perhaps queued.
 */
export function tellNextAttempt({ mayBeQueued }: { readonly mayBeQueued: boolean }): void {
  const { attempt, isLocal } = activityInfo();
  if (!isLocal) heartbeat({ attempt, mayBeQueued } satisfies Legacy);
}
