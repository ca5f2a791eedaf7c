/** More is going on than the bound allows. Answered with 503: the sender repeats. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets at most `most` pieces of work run at one time and turns the rest away at once: a queue would only hide the wait. */
export function createGate(most: number): Gate {
  let running = 0;
  return async (work) => {
    if (running >= most) throw new OverloadedError('too much at one time');
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
    }
  };
}
