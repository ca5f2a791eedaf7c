import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type WorkflowClient,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType, type UpdateRefusal, type UpdateRefusedDetails } from '../contract/failures.js';
import { TookTooLongError, within } from '../http/within.js';
import {
  DeliveryClosedError,
  DeliveryNotFoundError,
  NoWorkerError,
  TemporalRefusedError,
  TemporalUnavailableError,
  UpdateRejectedError,
} from './client-errors.js';

export interface TemporalCall {
  readonly client: WorkflowClient;
  readonly workflowId: string;
  readonly timeoutMs: number;
  /** Who answers: the server itself, or a worker through it. Decides what a silence means. */
  readonly answeredBy: 'server' | 'worker';
}

/** One call to Temporal, bounded in time, its errors turned into ours. */
export async function temporalCall<T>(call: TemporalCall, work: () => Promise<T>): Promise<T> {
  const { client, timeoutMs } = call;
  try {
    // The client's own deadline ends a call, not the pauses between its retries: hence both.
    return await within(client.withDeadline(Date.now() + timeoutMs, work), timeoutMs + 500);
  } catch (error) {
    throw translate(error, call);
  }
}

/** google.rpc codes, https://grpc.io/docs/guides/status-codes/ */
/** Both are the end of our deadline: it depends on which side notices first. */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
/** Neither of these gets better by waiting. */
const REFUSALS: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  7: 'PERMISSION_DENIED',
  12: 'UNIMPLEMENTED',
  16: 'UNAUTHENTICATED',
};

/** Server texts stay in `cause`: a message of ours says nothing that might be personal. Errors that aren't Temporal's pass. */
export function translate(
  error: unknown,
  { workflowId, timeoutMs, answeredBy }: Omit<TemporalCall, 'client'>,
): unknown {
  const options = { cause: error };
  if (error instanceof WorkflowNotFoundError) {
    const closed = /already completed/.test(error.message);
    return closed ? new DeliveryClosedError(workflowId, options) : new DeliveryNotFoundError(workflowId, options);
  }
  if (error instanceof NamespaceNotFoundError) return new TemporalRefusedError('no such namespace', options);
  if (error instanceof WorkflowUpdateFailedError) {
    return new UpdateRejectedError(error.cause?.message ?? 'the update failed', refusalOf(error.cause), options);
  }
  const code = grpcCode(error);
  const silent = isSilence(error, code);
  if (answeredBy === 'worker' && (silent || code === FAILED_PRECONDITION)) return new NoWorkerError(timeoutMs, options);
  if (silent) return new TemporalUnavailableError('no answer in time', options);
  if (code === undefined) return error;
  const refusal = REFUSALS[code];
  if (refusal !== undefined) return new TemporalRefusedError(refusal, options);
  const reason = code === UNAVAILABLE ? 'no connection' : `gRPC status ${String(code)}`;
  return new TemporalUnavailableError(reason, options);
}

/** Undefined for a failure of another kind, and for one of a worker that is older than the field. */
function refusalOf(cause: Error | undefined): UpdateRefusal | undefined {
  if (!(cause instanceof ApplicationFailure) || cause.type !== FailureType.UpdateRefused) return undefined;
  const [details] = (cause.details ?? []) as [UpdateRefusedDetails?];
  return details?.refusal;
}

function isSilence(error: unknown, code: number | undefined): boolean {
  return (
    code === DEADLINE_EXCEEDED ||
    code === CANCELLED ||
    error instanceof TookTooLongError ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError
  );
}

function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
