import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowClient } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { FailureType } from '../contract/failures.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { changeExpiryUpdate, revokeNowUpdate, statusQuery, type RevokeNowInput } from '../contract/messages.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../contract/status.js';
import { BLANK, isBlank } from '../contract/texts.js';
import {
  DeliveryClosedError,
  DeliveryFailedError,
  DeliveryNotFoundError,
  InvalidInputError,
  UpdateRejectedError,
} from './client-errors.js';
import { deliveryCall, deliveryError } from './delivery-call.js';
import { summaryOf } from './list-deliveries.js';
import { settledStatus } from './settled-status.js';
import { toTimestamp } from './start-input.js';

/** One delivery, running or closed. Every method throws a `DeliveryError`. */
export interface DeliveryHandle extends DeliveryId {
  readonly workflowId: string;
  /**
   * The current status. A running delivery needs a worker to answer (`NO_WORKER` if none does); a closed one does not.
   */
  status(): Promise<DeliveryStatus>;
  /** Waits for the outcome, without a time limit. `DELIVERY_FAILED` if the delivery closes without one. */
  outcome(): Promise<MessageDeliveryResult>;
  /**
   * Revokes the message before its expiry. `UPDATE_REJECTED` if it is too late, `INVALID_INPUT` without a reason. While the
   * message is being sent for the first time, it is repeated.
   */
  revokeNow(input: RevokeNowInput, options?: UpdateOptions): Promise<DeliveryStatus>;
  /** Moves the expiry, earlier or later. `UPDATE_REJECTED` if revocation has begun. Repeated like `revokeNow`. */
  changeExpiry(input: { readonly expireTime: string | Date }, options?: UpdateOptions): Promise<DeliveryStatus>;
  /**
   * Requests that the message is revoked and the delivery settles as `CANCELLED`, without an SMS. Returns before that
   * is done: see `outcome()`. Does nothing if the delivery is closed.
   */
  cancel(): Promise<void>;
}

/** A delivery as `start` returns it. */
export interface StartedDelivery extends DeliveryHandle {
  /**
   * Whether this call started it. False: it was started before, with the same input or with one that this client can't
   * read, because it is encrypted with other keys, for example.
   */
  readonly isNew: boolean;
}

export interface UpdateOptions {
  /** A second update with the same id changes nothing and returns the first one's answer. Default: a new id. */
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

  /**
   * If a delivery closes while an update reaches it, servers answer with various texts. So "not found" is checked here.
   */
  const change = (update: () => Promise<DeliveryStatus>) =>
    onceSent(() => call('worker', update)).catch(async (error: unknown) => {
      if (!(error instanceof DeliveryNotFoundError)) throw error;
      const { status } = await call('server', () => workflow.describe());
      throw isOpen(status.name) ? error : new DeliveryClosedError(workflowId, { cause: error });
    });

  const result = async (): Promise<MessageDeliveryResult> => {
    try {
      return (await workflow.result()) as MessageDeliveryResult;
    } catch (error) {
      throw error instanceof WorkflowFailedError
        ? failedError(workflowId, error)
        : deliveryError(error, { workflowId, timeoutMs, answeredBy: 'server' });
    }
  };

  return {
    ...id,
    workflowId,
    status: async () => {
      const described = await call('server', () => workflow.describe());
      // The result of a closed delivery holds its status. A query would need a worker to replay the history.
      if (!isOpen(described.status.name)) return settledStatus(id, await call('server', result), summaryOf(described));
      return call('worker', () => workflow.query(statusQuery));
    },
    outcome: result,
    revokeNow: async (input, options) => {
      refuseBlankReason(input);
      return change(() => workflow.executeUpdate(revokeNowUpdate, { args: [input], ...options }));
    },
    changeExpiry: ({ expireTime }, options) => {
      const args: [{ expireTime: string }] = [{ expireTime: toTimestamp(expireTime) }];
      return change(() => workflow.executeUpdate(changeExpiryUpdate, { args, ...options }));
    },
    cancel: async () => {
      await call('server', () => workflow.cancel()).catch((error: unknown) => {
        // Some servers refuse to cancel a closed workflow, others do nothing.
        if (!(error instanceof DeliveryClosedError)) throw error;
      });
    },
  };
}

/** Between the repetitions of a change that meets the first create, which takes less than two seconds. Milliseconds. */
const WHILE_SENDING = [500, 1_000, 2_000, 4_000];

/** Repeats a change for as long as the delivery refuses it because its message is being sent. */
async function onceSent<T>(change: () => Promise<T>): Promise<T> {
  for (const pause of WHILE_SENDING) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof UpdateRejectedError) || error.refusal !== 'sending') throw error;
      await delay(pause);
    }
  }
  return change();
}

/** The update itself takes a blank one, as it always did. It refuses what a caller without types may pass. */
export function refuseBlankReason({ reason }: { readonly reason: unknown }): void {
  if (typeof reason === 'string' && isBlank(reason)) throw new InvalidInputError([{ field: 'reason', problem: BLANK }]);
}

function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}

function failedError(workflowId: string, error: WorkflowFailedError): DeliveryFailedError {
  const { cause } = error;
  const executionStatus = executionStatusOf(cause);
  if (!(cause instanceof ApplicationFailure))
    return new DeliveryFailedError({ workflowId, executionStatus, cause: error });
  const { type: failureType } = cause;
  // InvalidInput's message names fields and no values, and the other's is a constant. More messages may not keep that rule.
  const { InvalidInput, EncryptionRequired } = FailureType;
  const detail = failureType === InvalidInput || failureType === EncryptionRequired ? cause.message : undefined;
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
