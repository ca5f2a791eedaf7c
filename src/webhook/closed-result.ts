import { OUTCOMES, type MessageDeliveryResult, type Outcome } from '../contract/status.js';

/** The part of a closed delivery's result that a late event is judged by. */
export type ClosedResult = Pick<MessageDeliveryResult, 'outcome' | 'duplicate' | 'sms'>;

/** A delivery has ended with a result, and it can't be told with which: the key that it is encrypted with may be missing. */
export class UnreadableResultError extends Error {
  override readonly name = 'UnreadableResultError';
  /** The name of what failed; never its words, which may quote the result. */
  readonly reason: string;
  constructor(reason: string, cause?: unknown) {
    super(`the result can not be read: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Throws an {@link UnreadableResultError} for what no delivery of this version ends with. */
export function closedResultOf(result: unknown): ClosedResult {
  if (!isClosedResult(result)) throw new UnreadableResultError('of another form');
  return result;
}

function isClosedResult(result: unknown): result is ClosedResult {
  if (typeof result !== 'object' || result === null || !('outcome' in result) || !('duplicate' in result)) return false;
  return OUTCOMES.includes(result.outcome as Outcome) && typeof result.duplicate === 'boolean';
}
