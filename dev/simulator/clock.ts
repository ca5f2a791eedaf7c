/** Stops a timer that has not fired; harmless afterwards. */
export type Cancel = () => void;

/** The simulator's only source of time, so that a test can drive it. Milliseconds since the epoch, as `Date.now()`. */
export interface Clock {
  readonly now: () => number;
  readonly setTimer: (ms: number, fire: () => void) => Cancel;
}

/** Node turns a longer delay into 1 ms; a 30-day hold is longer. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(ms, fire) {
    const due = Date.now() + ms;
    let timeout: NodeJS.Timeout;
    const arm = () => {
      const left = due - Date.now();
      timeout = left > LONGEST_TIMEOUT ? setTimeout(arm, LONGEST_TIMEOUT) : setTimeout(fire, Math.max(0, left));
    };
    arm();
    return () => {
      clearTimeout(timeout);
    };
  },
};

/** A clock whose timers can all be cancelled at once, for a stop that leaves nothing behind. */
export interface ScopedClock extends Clock {
  readonly cancelAll: () => void;
}

export function scopedClock(clock: Clock): ScopedClock {
  const pending = new Set<Cancel>();
  return {
    now: clock.now,
    setTimer(ms, fire) {
      const cancel = clock.setTimer(ms, () => {
        pending.delete(stop);
        fire();
      });
      const stop = () => {
        pending.delete(stop);
        cancel();
      };
      pending.add(stop);
      return stop;
    },
    cancelAll() {
      for (const stop of [...pending]) stop();
    },
  };
}

/** Waits on the given clock. Never resolves when the clock is stopped first. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => clock.setTimer(ms, resolve));
