import { WorkflowExecutionAlreadyStartedError, type WorkflowClient } from '@temporalio/client';
import { WORKFLOW_TYPE, workflowIdFor } from '../contract/ids.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { FailureType } from '../contract/failures.js';
import {
  ConflictError,
  DeliveryFailedError,
  TemporalUnavailableError,
  type InvalidInputError,
} from './client-errors.js';
import { deliveryCall } from './delivery-call.js';
import { isWorkflowMissing } from '../temporal/grpc-status.js';
import { workflowInput } from '../temporal/workflow-input.js';
import { endWithoutOutcome, type EndWithoutOutcome } from './existing-delivery.js';
import { differingFields } from './input-differences.js';
import { createDeliveryStart } from './start-attributes.js';
import { startPlace } from './start-place.js';
import { webUiSummary } from './web-ui-summary.js';

/** The failures of a delivery that did nothing, because another starter gave it an invalid or a cleartext input. */
const SENT_NOTHING: readonly string[] = [FailureType.InvalidInput, FailureType.EncryptionRequired];

export interface DeliveryStarterOptions {
  readonly client: WorkflowClient;
  readonly taskQueue: string;
  readonly timeoutMs: number;
  readonly recipientHashKey: string | undefined;
  /** Whether deliveries get search attributes. */
  readonly withSearchAttributes: boolean;
}

/**
 * Starts a delivery's workflow. If it was started before, that one counts, running or closed, unless it failed on an invalid
 * input. `isNew`: whether this call started it. `typeIsDefault`: the type is the agent's default, which may have changed
 * since. `tooLate`: starts nothing, and is thrown if nothing was started before. Throws a ConflictError if it was started
 * with another input, and a DeliveryFailedError if it closed without an outcome.
 */
export type StartDelivery = (
  input: MessageDeliveryInput,
  options?: StartOptions,
) => Promise<{ readonly isNew: boolean }>;

interface StartOptions {
  readonly typeIsDefault?: boolean;
  readonly tooLate?: InvalidInputError | undefined;
}

/** Throws a TypeError for an empty `recipientHashKey`. */
export function createDeliveryStarter(options: DeliveryStarterOptions): StartDelivery {
  const { client, taskQueue, timeoutMs, recipientHashKey, withSearchAttributes } = options;
  const attributedStart = createDeliveryStart({ recipientHashKey, none: !withSearchAttributes });

  /** False if there is a delivery of this message already. The policy FAIL tells that without a further call. */
  const started = async (
    input: MessageDeliveryInput,
    workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
  ): Promise<boolean> => {
    try {
      await attributedStart(input, (attributes) =>
        client.start(WORKFLOW_TYPE, {
          workflowId: workflowIdFor(input),
          ...startPlace(taskQueue, input),
          args: [input],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy,
          ...webUiSummary(input),
          ...attributes,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  };

  /** Starts it, or finds out what became of the one that was started before. */
  const start = async (
    input: MessageDeliveryInput,
    { typeIsDefault = false, tooLate }: StartOptions,
  ): Promise<{ readonly isNew: boolean }> => {
    const workflowId = workflowIdFor(input);
    if (tooLate === undefined && (await started(input, 'REJECT_DUPLICATE'))) return { isNew: true };
    const end = await endWithoutOutcome(client, workflowId);
    const didNothing = SENT_NOTHING.includes(end?.failureType ?? '');
    if (didNothing && tooLate !== undefined) throw tooLate;
    if (didNothing && (await started(input, 'ALLOW_DUPLICATE_FAILED_ONLY'))) return { isNew: true };
    const before = await workflowInput(client, workflowId);
    return repeated({ input, before, typeIsDefault, end: didNothing ? undefined : end });
  };

  return (input, options = {}) => {
    const workflowId = workflowIdFor(input);
    return deliveryCall({ client, workflowId, timeoutMs, answeredBy: 'server' }, async () => {
      try {
        return await start(input, options);
      } catch (error) {
        if (!isWorkflowMissing(error)) throw error;
        if (options.tooLate !== undefined) throw options.tooLate;
      }
      // Temporal has just finished to delete the one that was started before.
      return start(input, options).catch((error: unknown) => {
        throw isWorkflowMissing(error) ? new TemporalUnavailableError('it is deleting this delivery', error) : error;
      });
    });
  };
}

/** What a repeated start returns: `before` is the input of the first one, if it can be read, and `end` how that closed. */
export function repeated(start: {
  readonly input: MessageDeliveryInput;
  readonly before: unknown;
  readonly typeIsDefault?: boolean;
  readonly end?: EndWithoutOutcome | undefined;
}): { readonly isNew: false } {
  const { input, before, typeIsDefault = false, end } = start;
  const workflowId = workflowIdFor(input);
  const differing = before === undefined ? [] : differingFields(before, input);
  const fields = differing.filter((field) => !typeIsDefault || field !== 'messageTrafficType');
  if (fields.length > 0) throw new ConflictError(workflowId, fields);
  if (end !== undefined) throw new DeliveryFailedError({ workflowId, ...end, detail: NOTHING_STARTED });
  return { isNew: false };
}

/** Nobody knows what the person received, so a repetition must not send the message a second time by itself. */
const NOTHING_STARTED = 'nothing was started. If the message is to be sent all the same, it needs a new messageId';
