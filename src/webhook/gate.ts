/** More is going on than the bound allows. Answered with 503: the sender repeats. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export interface Queue {
  /** How many may wait for their turn. */
  readonly length: number;
  /** How long each may, in milliseconds. */
  readonly waitMs: number;
}

/**
 * Lets at most `most` pieces of work run at one time. The rest is turned away at once, or waits in the queue for a short
 * while: a burst is no overload.
 */
export function createGate(most: number, queue: Queue = { length: 0, waitMs: 0 }): Gate {
  const waiting = new Set<() => void>();
  let running = 0;

  function turn(): Promise<void> {
    if (waiting.size >= queue.length) throw new OverloadedError('too much at one time');
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(new OverloadedError('too much for too long'));
      }, queue.waitMs);
      waiting.add(begin);
    });
  }

  /** Hands the place to the first who waits. */
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) running -= 1;
    else {
      waiting.delete(next);
      next();
    }
  }

  return async (work) => {
    if (running >= most) await turn();
    else running += 1;
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
