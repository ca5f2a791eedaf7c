import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the condition holds. Resolves with false if it does not by `limit`, epoch milliseconds. */
export async function holdsBy(limit: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  while (!(await condition())) {
    if (Date.now() > limit) return false;
    await delay(50);
  }
  return true;
}
