import { describeProblems, type Problem } from '../contract/check.js';
import type { UpdateRefusal } from '../contract/failures.js';

/** Stable: compare with these, never with a message. */
export type DeliveryErrorCode =
  | 'INVALID_INPUT'
  | 'DELIVERY_NOT_FOUND'
  | 'DELIVERY_CLOSED'
  | 'DELIVERY_FAILED'
  | 'UPDATE_REJECTED'
  | 'NO_WORKER'
  | 'TEMPORAL_UNAVAILABLE'
  | 'TEMPORAL_REFUSED';

/** What every error of the client is an instance of. No message holds a phone number, a text or a secret. */
export abstract class DeliveryError extends Error {
  abstract readonly code: DeliveryErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The input would fail the workflow, so none was started. Names every bad field, repeats no value. */
export class InvalidInputError extends DeliveryError {
  readonly code = 'INVALID_INPUT';
  constructor(readonly problems: readonly Problem[]) {
    super(`invalid input: ${describeProblems(problems)}`);
  }
}

/** Temporal knows no such delivery: it was never started, or its retention is over. */
export class DeliveryNotFoundError extends DeliveryError {
  readonly code = 'DELIVERY_NOT_FOUND';
  constructor(
    readonly workflowId: string,
    options?: ErrorOptions,
  ) {
    super(`no delivery ${workflowId}`, options);
  }
}

/** The delivery has ended, so nothing about it can be changed any more. Its `outcome()` says how. */
export class DeliveryClosedError extends DeliveryError {
  readonly code = 'DELIVERY_CLOSED';
  constructor(
    readonly workflowId: string,
    options?: ErrorOptions,
  ) {
    super(`the delivery ${workflowId} has ended`, options);
  }
}

/**
 * The workflow ended without an outcome: it failed on a bad input or a bug of ours, or an operator terminated it.
 * What the person got is not known.
 */
export class DeliveryFailedError extends DeliveryError {
  readonly code = 'DELIVERY_FAILED';
  /** Temporal's word for how it ended: `FAILED`, `TERMINATED`, `TIMED_OUT`, `CANCELLED`. */
  readonly executionStatus: string;
  /** The failure's type, such as `InvalidInput`, when it has one. */
  readonly failureType: string | undefined;

  constructor(how: {
    workflowId: string;
    executionStatus: string;
    failureType?: string;
    detail?: string;
    cause: unknown;
  }) {
    const detail = how.detail === undefined ? '' : `: ${how.detail}`;
    super(`the delivery ${how.workflowId} ended as ${how.executionStatus}${detail}`, { cause: how.cause });
    this.executionStatus = how.executionStatus;
    this.failureType = how.failureType;
  }
}

/** The delivery refused the change, and `reason` says why: it came too late, or its argument is wrong. Nothing has changed. */
export class UpdateRejectedError extends DeliveryError {
  readonly code = 'UPDATE_REJECTED';
  constructor(
    readonly reason: string,
    /** Absent when the delivery gave none: compare with this, never with `reason`. */
    readonly refusal?: UpdateRefusal,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/**
 * No worker answered in time: none runs on this task queue, or all are busy. A change that was asked for may still be made
 * when one is back: look at `status()` before asking again.
 */
export class NoWorkerError extends DeliveryError {
  readonly code = 'NO_WORKER';
  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(`no worker answered within ${String(timeoutMs / 1000)} s`, options);
  }
}

/** Temporal did not answer. A call may or may not have been carried out; all of them can be repeated. */
export class TemporalUnavailableError extends DeliveryError {
  readonly code = 'TEMPORAL_UNAVAILABLE';
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`Temporal is not available (${reason})`, options);
  }
}

/** Temporal answered and refused: the namespace, the credentials or the client's settings are wrong. */
export class TemporalRefusedError extends DeliveryError {
  readonly code = 'TEMPORAL_REFUSED';
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`Temporal refused the call (${reason})`, options);
  }
}
