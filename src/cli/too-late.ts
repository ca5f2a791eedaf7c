import { UpdateRejectedError } from '../client/client-errors.js';
import type { UpdateRefusal } from '../contract/failures.js';
import type { Done } from './act-on-each.js';

/** A delivery for which the update comes too late is skipped: nothing is left to do. A wrong argument stays an error. */
export async function tooLateIsSkipped(update: () => Promise<unknown>): Promise<Done> {
  try {
    await update();
    return { done: true };
  } catch (error) {
    const skipped = error instanceof UpdateRejectedError && error.refusal && SKIPPED[error.refusal];
    if (!skipped) throw error;
    return { skipped };
  }
}

const SKIPPED: Readonly<Partial<Record<UpdateRefusal, string>>> = {
  settled: 'ended',
  fallbackStarted: 'the SMS fallback has begun',
  revocationStarted: 'revoking has begun',
};
