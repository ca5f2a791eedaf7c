import { UpdateRejectedError } from '../client/client-errors.js';
import type { Done } from './act-on-each.js';

/** `revokeNow refused: revoking has begun`: nothing is left to do. `…: fallback: this delivery has no SMS`: that has failed. */
export async function tooLateIsSkipped(update: () => Promise<unknown>): Promise<Done> {
  try {
    await update();
    return { done: true };
  } catch (error) {
    const [, reason] = error instanceof UpdateRejectedError ? (TOO_LATE.exec(error.reason) ?? []) : [];
    if (reason === undefined) throw error;
    return { skipped: reason };
  }
}
/** A wrong field stands before another colon. */
const TOO_LATE = /^\w+ refused: ([^:]+)$/;
