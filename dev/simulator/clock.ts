/** Cancels a timer. Does nothing once it has fired. */
type Cancel = () => void;

/** The simulator's only source of time, so that a test can control it. `now` is in epoch milliseconds. */
export interface Clock {
  readonly now: () => number;
  readonly setTimer: (ms: number, fire: () => void) => Cancel;
}

/** Node fires a longer timer after 1 ms. RBM's hold of 30 days is longer. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The machine's clock. */
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

/** A clock whose timers can be cancelled together, so that a stopped simulator leaves none behind. */
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

/** Waits on the given clock. Never resolves if the clock's timers are cancelled first. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => clock.setTimer(ms, resolve));
