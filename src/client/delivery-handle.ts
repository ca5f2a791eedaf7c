import { WorkflowFailedError, type WorkflowClient } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { changeExpiryUpdate, revokeNowUpdate, statusQuery, type RevokeNowInput } from '../contract/messages.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../contract/status.js';
import { DeliveryClosedError, DeliveryFailedError, DeliveryNotFoundError } from './client-errors.js';
import { deliveryCall, deliveryError } from './delivery-call.js';
import { toTimestamp } from './start-input.js';

/** One delivery, running or ended. Every method throws a `DeliveryError`. */
export interface DeliveryHandle extends DeliveryId {
  readonly workflowId: string;
  /** Where it stands. A running delivery is asked through a worker (`NO_WORKER` if none answers); an ended one is not. */
  status(): Promise<DeliveryStatus>;
  /** Waits for the end, however long that takes. `DELIVERY_FAILED` when it ended without an outcome. */
  outcome(): Promise<MessageDeliveryResult>;
  /** Takes the message back before its time. `UPDATE_REJECTED` when it is too late for that. */
  revokeNow(input: RevokeNowInput, options?: UpdateOptions): Promise<DeliveryStatus>;
  /** Moves the expiry, earlier or later. `UPDATE_REJECTED` when revoking has begun already. */
  changeExpiry(input: { readonly expireTime: string | Date }, options?: UpdateOptions): Promise<DeliveryStatus>;
  /**
   * Takes the message back and ends as `CANCELLED`, without an SMS. Returns before that is done: see `outcome()`.
   * Changes nothing, without an error, once the delivery has ended.
   */
  cancel(): Promise<void>;
}

export interface UpdateOptions {
  /** Repeating an update under the same id changes nothing and answers what the first one did. Default: a new id. */
  readonly updateId?: string;
}

export interface DeliveryHandleOptions {
  readonly client: WorkflowClient;
  readonly id: DeliveryId;
  readonly timeoutMs: number;
}

export function createDeliveryHandle({ client, id, timeoutMs }: DeliveryHandleOptions): DeliveryHandle {
  const workflowId = workflowIdFor(id);
  const workflow = client.getHandle(workflowId);
  const call = <T>(answeredBy: 'server' | 'worker', work: () => Promise<T>) =>
    deliveryCall({ client, workflowId, timeoutMs, answeredBy }, work);

  /** One that ends while an update reaches it is "not found", in words that differ between servers: look at it. */
  const change = (update: () => Promise<DeliveryStatus>) =>
    call('worker', update).catch(async (error: unknown) => {
      if (!(error instanceof DeliveryNotFoundError)) throw error;
      const { status } = await call('server', () => workflow.describe());
      throw isOpen(status.name) ? error : new DeliveryClosedError(workflowId, { cause: error });
    });

  const result = async (): Promise<MessageDeliveryResult> => {
    try {
      return (await workflow.result()) as MessageDeliveryResult;
    } catch (error) {
      throw error instanceof WorkflowFailedError
        ? failed(workflowId, error)
        : deliveryError(error, { workflowId, timeoutMs, answeredBy: 'server' });
    }
  };

  return {
    ...id,
    workflowId,
    status: async () => {
      const { status } = await call('server', () => workflow.describe());
      // An ended delivery says all in its result; a query would need a worker to replay it.
      if (!isOpen(status.name)) return statusOf(id, await call('server', result));
      return call('worker', () => workflow.query(statusQuery));
    },
    outcome: result,
    revokeNow: (input, options) => change(() => workflow.executeUpdate(revokeNowUpdate, { args: [input], ...options })),
    changeExpiry: ({ expireTime }, options) => {
      const args: [{ expireTime: string }] = [{ expireTime: toTimestamp(expireTime) }];
      return change(() => workflow.executeUpdate(changeExpiryUpdate, { args, ...options }));
    },
    cancel: async () => {
      await call('server', () => workflow.cancel()).catch((error: unknown) => {
        // Servers differ: some refuse to cancel what has ended, others do nothing.
        if (!(error instanceof DeliveryClosedError)) throw error;
      });
    },
  };
}

function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}

/** What the query `status` would answer after the end. */
function statusOf(id: DeliveryId, result: MessageDeliveryResult): DeliveryStatus {
  const { outcome, channel, expireTime, duplicate, timeline, sms, uncertainty } = result;
  return {
    agentId: id.agentId,
    messageId: id.messageId,
    status: outcome,
    phase: null,
    outcome,
    channel,
    expireTime,
    duplicate,
    next: null,
    evidence: timeline.filter(({ source }) => source !== 'workflow'),
    timeline,
    ...(sms && { sms }),
    ...(uncertainty !== undefined && { uncertainty }),
  };
}

function failed(workflowId: string, error: WorkflowFailedError): DeliveryFailedError {
  const { cause } = error;
  const executionStatus = executionStatusOf(cause);
  if (!(cause instanceof ApplicationFailure))
    return new DeliveryFailedError({ workflowId, executionStatus, cause: error });
  const { type: failureType } = cause;
  // Our own failures name fields, never values; another's message is not known to keep that rule.
  const detail = failureType === 'InvalidInput' ? cause.message : undefined;
  return new DeliveryFailedError({
    workflowId,
    executionStatus,
    cause: error,
    ...(typeof failureType === 'string' && { failureType }),
    ...(detail !== undefined && { detail }),
  });
}

function executionStatusOf(cause: Error | undefined): string {
  if (cause instanceof TerminatedFailure) return 'TERMINATED';
  if (cause instanceof TimeoutFailure) return 'TIMED_OUT';
  if (cause instanceof CancelledFailure) return 'CANCELLED';
  return 'FAILED';
}
