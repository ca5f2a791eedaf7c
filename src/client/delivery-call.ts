import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType, type UpdateRefusal, type UpdateRefusedDetails } from '../contract/failures.js';
import { saysClosed } from '../temporal/server-texts.js';
import { temporalCall, temporalError, type TemporalCall } from '../temporal/temporal-call.js';
import { DeliveryClosedError, DeliveryNotFoundError, UpdateRejectedError } from './client-errors.js';

/** A call to Temporal about one delivery. */
export interface DeliveryCall extends TemporalCall {
  readonly workflowId: string;
}

/** Makes one call about a delivery. Throws what {@link deliveryError} returns. */
export function deliveryCall<T>(call: DeliveryCall, work: () => Promise<T>): Promise<T> {
  return temporalCall(call, async () => {
    try {
      return await work();
    } catch (error) {
      throw aboutDelivery(error, call.workflowId);
    }
  });
}

/**
 * The meaning of a failed call about a delivery, as one of the client's errors; other errors are returned as they are.
 */
export function deliveryError(error: unknown, call: Omit<DeliveryCall, 'client'>): unknown {
  return temporalError(aboutDelivery(error, call.workflowId), call);
}

function aboutDelivery(error: unknown, workflowId: string): unknown {
  const options = { cause: error };
  if (error instanceof WorkflowNotFoundError) {
    return saysClosed(error)
      ? new DeliveryClosedError(workflowId, options)
      : new DeliveryNotFoundError(workflowId, options);
  }
  if (error instanceof WorkflowUpdateFailedError) {
    return new UpdateRejectedError(error.cause?.message ?? 'the update failed', refusalOf(error.cause), options);
  }
  return error;
}

/** Undefined if the update failed for another reason, or on a worker that is older than the field. */
function refusalOf(cause: Error | undefined): UpdateRefusal | undefined {
  if (!(cause instanceof ApplicationFailure) || cause.type !== FailureType.UpdateRefused) return undefined;
  const [details] = (cause.details ?? []) as [UpdateRefusedDetails?];
  return details?.refusal;
}
