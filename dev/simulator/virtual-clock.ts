import type { Clock } from './clock.js';

/** A clock that a test moves. Timers fire in the order of their time, then of their creation. */
export interface VirtualClock extends Clock {
  /** Moves forward to a time and fires the timers on the way, each at its own time. */
  readonly advanceTo: (time: number) => void;
  readonly advanceBy: (ms: number) => void;
  /** When the next timer is due. undefined without a timer. */
  readonly nextAt: () => number | undefined;
}

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

export function createVirtualClock(start = Date.now()): VirtualClock {
  let time = start;
  const timers = new Set<Timer>();
  const next = () => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  };
  const advanceTo = (target: number) => {
    for (let timer = next(); timer !== undefined && timer.due <= target; timer = next()) {
      timers.delete(timer);
      time = Math.max(time, timer.due);
      timer.fire();
    }
    time = Math.max(time, target);
  };
  return {
    now: () => time,
    setTimer(ms, fire) {
      const timer = { due: time + Math.max(0, ms), fire };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advanceTo,
    advanceBy: (ms) => {
      advanceTo(time + ms);
    },
    nextAt: () => next()?.due,
  };
}
