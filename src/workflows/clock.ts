import type { Instant } from '../domain/plan.js';

/**
 * The time of every piece of evidence and of every decision: the same on a replay. Around the local attempt to send,
 * Date.now() is not: the SDK may merge the first workflow tasks (a query that meets the first one makes two of it). So
 * the clock stands still there (docs/decisions/0006).
 */
export interface Clock {
  now(): Instant;
  /** Nothing is sent in the first workflow task: Temporal's time holds from now on. */
  startNow(): void;
  /** There is no local attempt (any more): Temporal's time holds from the next event of the history on. */
  startAtNextEvent(): void;
  /**
   * The local attempt has ended, at `answeredTime` (RFC 3339) as the activity says. That time holds until the next
   * event.
   */
  localAttemptEnded(answeredTime: string | undefined): void;
  /** An event of the history has come: a signal, an update, an answer or a timer. */
  eventCame(): void;
}

/** Stands at the workflow's start until something of the above happens. */
export function createClock(startedAt: Instant): Clock {
  let stoppedAt: Instant | undefined = startedAt;
  let isStarted = false;
  return {
    now: () => stoppedAt ?? Date.now(),
    startNow() {
      isStarted = true;
      stoppedAt = undefined;
    },
    startAtNextEvent() {
      isStarted = true;
    },
    localAttemptEnded(answeredTime) {
      const answeredAt = Date.parse(answeredTime ?? '');
      isStarted = true;
      // A worker's clock may be behind. An attempt that timed out says no time.
      stoppedAt = Number.isNaN(answeredAt) ? undefined : Math.max(startedAt, answeredAt);
    },
    eventCame() {
      if (isStarted) stoppedAt = undefined;
    },
  };
}
