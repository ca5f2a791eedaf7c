import { NamespaceNotFoundError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { TookTooLongError } from '../http/within.js';
import { withDeadline, type CallsWithDeadline } from './deadline.js';
import { GrpcStatus, grpcStatusOf } from './grpc-status.js';
import { saysIllegalHeader } from './server-texts.js';
import { NoWorkerError, TemporalRefusedError, TemporalUnavailableError } from './temporal-errors.js';

export interface TemporalCall {
  readonly client: CallsWithDeadline;
  readonly timeoutMs: number;
  /** Who answers: the server itself, or a worker through it. Without an answer, this one is reported as unavailable. */
  readonly answeredBy: 'server' | 'worker';
}

/** Makes one call to Temporal in at most `timeoutMs` and half a second. Throws what {@link temporalError} returns. */
export async function temporalCall<T>(call: TemporalCall, work: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(call.client, { timeoutMs: call.timeoutMs, extraMs: 500 }, work);
  } catch (error) {
    throw temporalError(error, call);
  }
}

/** Statuses of a call that no repetition makes succeed. */
const REFUSALS: ReadonlySet<GrpcStatus> = new Set([
  GrpcStatus.INVALID_ARGUMENT,
  GrpcStatus.PERMISSION_DENIED,
  GrpcStatus.UNIMPLEMENTED,
  GrpcStatus.UNAUTHENTICATED,
]);

/**
 * The meaning of a failed call, as one of the errors in ./temporal-errors.ts. An error that is not Temporal's is
 * returned as it is. The server's text stays in `cause`, since it may be personal.
 */
export function temporalError(error: unknown, { timeoutMs, answeredBy }: Omit<TemporalCall, 'client'>): unknown {
  // Without the cause, which repeats the header.
  if (saysIllegalHeader(error)) return new TemporalRefusedError(ILLEGAL_HEADER);
  const options = { cause: error };
  if (error instanceof NamespaceNotFoundError) return new TemporalRefusedError('no such namespace', options);
  const code = grpcStatusOf(error);
  const unanswered = isUnanswered(error, code);
  if (answeredBy === 'worker' && (unanswered || code === GrpcStatus.FAILED_PRECONDITION)) {
    return new NoWorkerError(timeoutMs, options);
  }
  if (unanswered) return new TemporalUnavailableError('no answer in time', error);
  if (code === undefined) return error;
  if (REFUSALS.has(code)) return new TemporalRefusedError(GrpcStatus[code], options);
  const reason = code === GrpcStatus.UNAVAILABLE ? 'no connection' : `gRPC status ${String(code)}`;
  return new TemporalUnavailableError(reason, error);
}

const ILLEGAL_HEADER =
  'an API key or another header of the connection holds a line break, or a character that is not ASCII';

/** A passed deadline has one of two statuses, depending on the side that notices first. */
function isUnanswered(error: unknown, code: GrpcStatus | undefined): boolean {
  return (
    code === GrpcStatus.DEADLINE_EXCEEDED ||
    code === GrpcStatus.CANCELLED ||
    error instanceof TookTooLongError ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError
  );
}
