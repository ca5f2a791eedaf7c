/** Every error that the client throws. docs/errors.md says what to do about each. */
import { describeProblems, type Problem } from '../contract/check.js';
import { DeliveryError } from '../contract/delivery-error.js';
import type { UpdateRefusal } from '../contract/failures.js';

export { DeliveryError, type DeliveryErrorCode } from '../contract/delivery-error.js';
export { SdkVersionError } from '../temporal/sdk-version-error.js';
export { NoWorkerError, TemporalRefusedError, TemporalUnavailableError } from '../temporal/temporal-errors.js';

/** The input is invalid, so no delivery was started. `problems` names every bad field and repeats no value. */
export class InvalidInputError extends DeliveryError {
  readonly code = 'INVALID_INPUT';

  constructor(readonly problems: readonly Problem[]) {
    super(`invalid input: ${describeProblems(problems)}`);
  }
}

/**
 * A delivery of this message was started with another input, and goes on as it is: nothing was started. A new code is a
 * new message and needs a new messageId. `fields` names what differs and repeats no value.
 */
export class ConflictError extends DeliveryError {
  readonly code = 'CONFLICT';

  constructor(
    readonly workflowId: string,
    /** Paths, such as `fallback.sms.text`. */
    readonly fields: readonly string[],
  ) {
    super(
      `a delivery of this message was started with another input (different: ${fields.join(', ')}); ` +
        'a new code is a new message and needs a new messageId',
    );
  }
}

/** Temporal has no such delivery: it was never started, or its retention is over. */
export class DeliveryNotFoundError extends DeliveryError {
  readonly code = 'DELIVERY_NOT_FOUND';

  constructor(
    readonly workflowId: string,
    options?: ErrorOptions,
  ) {
    super(`no delivery ${workflowId}`, options);
  }
}

/** The delivery's workflow is closed, so it can't be changed any more. Its `outcome()` says how it ended. */
export class DeliveryClosedError extends DeliveryError {
  readonly code = 'DELIVERY_CLOSED';

  constructor(
    readonly workflowId: string,
    options?: ErrorOptions,
  ) {
    super(`the delivery ${workflowId} is closed`, options);
  }
}

/**
 * The workflow closed without an outcome: it failed on an invalid input or a bug, or an operator terminated or deleted it.
 * What the person received is unknown. From `start`: nothing was started, and the same start will say the same again.
 */
export class DeliveryFailedError extends DeliveryError {
  readonly code = 'DELIVERY_FAILED';
  /** Temporal's status of the closed workflow: `FAILED`, `TERMINATED`, `TIMED_OUT` or `CANCELLED`. */
  readonly executionStatus: string;
  /** The failure's type, such as `InvalidInput`. Undefined if the failure has none. */
  readonly failureType: string | undefined;

  /** `detail` follows the status in the message. */
  constructor(how: {
    workflowId: string;
    executionStatus: string;
    failureType?: string | undefined;
    detail?: string;
    cause?: unknown;
  }) {
    const detail = how.detail === undefined ? '' : `: ${how.detail}`;
    super(`the delivery ${how.workflowId} ended as ${how.executionStatus}${detail}`, { cause: how.cause });
    this.executionStatus = how.executionStatus;
    this.failureType = how.failureType;
  }
}

/** The delivery refused the change, and nothing has changed. `reason` says why, for people. */
export class UpdateRejectedError extends DeliveryError {
  readonly code = 'UPDATE_REJECTED';

  constructor(
    readonly reason: string,
    /** Why, for programs. Undefined if the delivery gave no refusal that this version knows. */
    readonly refusal?: UpdateRefusal,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}
