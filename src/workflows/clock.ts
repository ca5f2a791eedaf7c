import type { Instant } from '../domain/plan.js';

/**
 * The time of every piece of evidence and of every decision. It is the same on a replay. Around the local attempt to
 * send, Date.now() is not, since a replay may merge the first workflow tasks. So the clock stands still then
 * (docs/decisions/0006).
 */
export interface Clock {
  now(): Instant;
  /** Nothing is sent in the first workflow task: Temporal's time holds from now on. */
  startNow(): void;
  /** No local attempt is under way: Temporal's time holds from the next event of the history on. */
  startAtNextEvent(): void;
  /**
   * The local attempt has ended; its activity says that this was at `answeredTime` (RFC 3339). The clock stands at
   * that time until the next event.
   */
  localAttemptEnded(answeredTime: string | undefined): void;
  /** Stands at this moment until the next event: a local activity runs meanwhile. */
  standStill(): void;
  /** An event of the history has come: a signal, an update, an answer or a timer. */
  eventCame(): void;
}

/** Stands at `startedAt` until one of the methods above lets it go on. */
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
      // A worker's clock may be behind. An attempt that timed out has no time.
      stoppedAt = Number.isNaN(answeredAt) ? undefined : Math.max(startedAt, answeredAt);
    },
    standStill() {
      stoppedAt ??= Date.now();
    },
    eventCame() {
      if (isStarted) stoppedAt = undefined;
    },
  };
}
