import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `work` for 0 to `count` - 1, each at its own time and without waiting for the others: an open loop, which a slow
 * system does not slow down. Resolves when all have ended; rejects with the first error.
 */
export async function atRate(
  { count, everyMs, from }: { readonly count: number; readonly everyMs: number; readonly from: number },
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  const one = async (index: number) => {
    await delay(Math.max(0, from + index * everyMs - Date.now()));
    await work(index);
  };
  await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
}
