import type { OptOutEntry, OptOutPerson, OptOuts } from '../../../src/contract/opt-out.js';

interface Said {
  readonly said: 'optOut' | 'optIn';
  readonly person: OptOutPerson;
  readonly entry: OptOutEntry;
}

/** Opt-outs without Temporal. They record every stored saying. */
export interface MemoryOptOuts extends OptOuts {
  readonly said: readonly Said[];
  /** The number of calls, including those that failed. */
  readonly calls: number;
  /** While set, nothing is stored and every call throws this. */
  failure: Error | undefined;
  /** Calls wait until the returned function is called. */
  hold(): () => void;
}

export function createMemoryOptOuts(): MemoryOptOuts {
  const stored: Said[] = [];
  let held = Promise.resolve();
  let calls = 0;
  const store = (said: Said['said']) => async (person: OptOutPerson, entry: OptOutEntry) => {
    calls += 1;
    await held;
    if (memory.failure !== undefined) throw memory.failure;
    stored.push({ said, person, entry });
  };
  const memory: MemoryOptOuts = {
    said: stored,
    failure: undefined,
    get calls() {
      return calls;
    },
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    add: store('optOut'),
    remove: store('optIn'),
  };
  return memory;
}
