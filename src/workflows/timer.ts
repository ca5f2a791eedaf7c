import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Instant } from '../domain/plan.js';

/** The timer of a delivery's waits. */
export interface Timer {
  /**
   * Resolves at `until` (null: never), or once `changed` returns true. The timer then goes on, since the next wait may be
   * until the same time; a delivery that settles leaves it running, which saves an event.
   */
  waitFor(changed: () => boolean, until: Instant | null, summary: () => string): Promise<void>;
}

interface Running {
  readonly until: Instant;
  readonly scope: CancellationScope;
  hasFired: boolean;
}

export function createTimer(): Timer {
  let running: Running | undefined;
  return {
    async waitFor(changed, until, summary) {
      if (running?.until !== until) {
        running?.scope.cancel();
        running = until === null ? undefined : start(until, summary());
      }
      await condition(() => running?.hasFired === true || changed());
      if (running?.hasFired === true) running = undefined;
    },
  };
}

/** Temporal's own time here: a timer's length may differ on a replay, a decision may not. */
function start(until: Instant, summary: string): Running {
  const timer: Running = { until, scope: new CancellationScope(), hasFired: false };
  const ms = Math.max(1, until - Date.now());
  timer.scope
    .run(() => sleep(ms, { summary }))
    .then(
      () => {
        timer.hasFired = true;
      },
      () => undefined,
    );
  return timer;
}
