/** Thrown when a limit on concurrent work is reached. The webhook answers it with 503, so that the sender repeats. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

/** Runs the work now or after a wait, and returns its result. Throws an OverloadedError when no place becomes free. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

export interface Queue {
  /** How many calls may wait for a place. */
  readonly length: number;
  /** How long each may wait, in milliseconds. */
  readonly waitMs: number;
}

/** Limits concurrent work to `atOnce` calls. More calls wait in the queue for a while, since a burst is no overload. */
export function createLimiter(atOnce: number, queue: Queue = { length: 0, waitMs: 0 }): Limiter {
  const waiting = new Set<() => void>();
  let running = 0;

  function waitForPlace(): Promise<void> {
    if (waiting.size >= queue.length) throw new OverloadedError('the queue is full');
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(start);
        reject(new OverloadedError('no place became free in time'));
      }, queue.waitMs);
      waiting.add(start);
    });
  }

  /** Passes the place to the call that has waited for longest. */
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) running -= 1;
    else {
      waiting.delete(next);
      next();
    }
  }

  return async (work) => {
    if (running >= atOnce) await waitForPlace();
    else running += 1;
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
