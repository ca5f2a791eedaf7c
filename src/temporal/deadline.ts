import { within } from '../http/within.js';

/** What can give a call a deadline: Temporal's Client, Connection and NativeConnection. */
export interface CallsWithDeadline {
  withDeadline<T>(deadline: number | Date, work: () => Promise<T>): Promise<T>;
}

export interface DeadlineOptions {
  /** Milliseconds for the call, the SDK's own retries included. */
  readonly timeoutMs: number;
  /** Extra milliseconds in which a call that reaches its deadline may still report its own error. Default 0. */
  readonly extraMs?: number;
  /** Stops the wait with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Settles as `work` does, or rejects with a TookTooLongError. The SDK's deadline bounds each attempt but not the pauses
 * between its retries (5 s at most), so the wait has a bound of its own. The call itself may go on after that.
 */
export function withDeadline<T>(
  calls: CallsWithDeadline,
  { timeoutMs, extraMs = 0, signal }: DeadlineOptions,
  work: () => Promise<T>,
): Promise<T> {
  return within(calls.withDeadline(Date.now() + timeoutMs, work), timeoutMs + extraMs, signal);
}
