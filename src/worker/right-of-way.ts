import { createWaitingList } from './waiting-list.js';

/** Lets the workflow tasks of promotions wait while those of all other deliveries keep the process busy. */
export interface RightOfWay {
  /** A task that has the right of way begins. */
  begin(): void;
  /** It has ended. */
  end(): void;
  /** Resolves once few of those are under way, at the latest after a tenth of a second. Rejects if the signal aborts. */
  clear(signal: AbortSignal): Promise<void>;
}

/** Any traffic has one task under way now and then. More of them queue for the thread that runs their workflows. */
const BUSY = 2;
/**
 * Codes that never let up don't stop promotions. The SDK reserves one slot after the other, so that ten tasks a second of
 * cached promotions go on, and ten others: a fifth of what a core can do. Milliseconds.
 */
const LONGEST_WAIT = 100;

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
