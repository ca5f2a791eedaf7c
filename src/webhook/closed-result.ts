import { OUTCOMES, type MessageDeliveryResult, type Outcome } from '../contract/status.js';

/** The fields of a closed delivery's result that show whether a late event reports a duplicate. */
export type ClosedResult = Pick<MessageDeliveryResult, 'outcome' | 'duplicate' | 'sms'>;

/** A delivery closed with a result that can't be read here. The key that encrypted it may be missing. */
export class UnreadableResultError extends Error {
  override readonly name = 'UnreadableResultError';
  /** The name of what failed, never an error's message, which may quote the result. */
  readonly reason: string;
  constructor(reason: string, cause?: unknown) {
    super(`the result can not be read: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Throws an {@link UnreadableResultError} for anything that is not the result of a delivery of this version. */
export function closedResultOf(result: unknown): ClosedResult {
  if (!isClosedResult(result)) throw new UnreadableResultError('of another form');
  return result;
}

/**
 * The result as far as a closed delivery's search attributes tell it, for a webhook that can't decrypt results. Undefined if
 * they don't tell whether the SMS may have arrived.
 */
export function indexedResultOf({
  DeliveryStatus: outcome,
  IsDuplicate: duplicate,
}: Attributes): ClosedResult | undefined {
  const result = { outcome, duplicate };
  const isTold = outcome !== 'UNCERTAIN' && outcome !== 'CANCELLED' && isClosedResult(result);
  return isTold ? result : undefined;
}

/** By name. */
type Attributes = Readonly<Record<string, unknown>>;

function isClosedResult(result: unknown): result is ClosedResult {
  if (typeof result !== 'object' || result === null || !('outcome' in result) || !('duplicate' in result)) return false;
  return OUTCOMES.includes(result.outcome as Outcome) && typeof result.duplicate === 'boolean';
}
