import { createWaitingList } from './waiting-list.js';

/** Lets the workflow tasks of promotions wait while those of all other deliveries keep the process busy. */
export interface RightOfWay {
  /** A task that has the right of way begins. */
  begin(): void;
  /** It has ended. */
  end(): void;
  /** Resolves once few of those are under way, at the latest after five seconds. Rejects if the signal aborts. */
  clear(signal: AbortSignal): Promise<void>;
}

/** Any traffic has one task under way now and then. With two, the thread that runs workflows has no time left. */
const BUSY = 2;
/** Codes that never let up don't stop promotions: with 20 slots, four a second go on. Milliseconds. */
const LONGEST_WAIT = 5_000;

export function createRightOfWay(): RightOfWay {
  let underWay = 0;
  const list = createWaitingList();
  const isBusy = () => underWay >= BUSY;
  return {
    begin() {
      underWay += 1;
    },
    end() {
      underWay -= 1;
      while (!isBusy() && list.letOneGo());
    },
    async clear(signal) {
      if (isBusy()) await list.wait(signal, LONGEST_WAIT);
    },
  };
}
