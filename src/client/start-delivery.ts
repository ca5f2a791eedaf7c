import { WorkflowExecutionAlreadyStartedError, type WorkflowClient } from '@temporalio/client';
import { WORKFLOW_TYPE, workflowIdFor } from '../contract/ids.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { ConflictError, type InvalidInputError } from './client-errors.js';
import { deliveryCall } from './delivery-call.js';
import { isWorkflowMissing } from '../temporal/grpc-status.js';
import { workflowInput } from '../temporal/workflow-input.js';
import { failedOnInput } from './existing-delivery.js';
import { differingFields } from './input-differences.js';
import { createDeliveryStart } from './start-attributes.js';
import { startPlace } from './start-place.js';
import { webUiSummary } from './web-ui-summary.js';

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
 * with another input.
 */
export type StartDelivery = (
  input: MessageDeliveryInput,
  options?: { readonly typeIsDefault?: boolean; readonly tooLate?: InvalidInputError | undefined },
) => Promise<{ readonly isNew: boolean }>;

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

  return (input, { typeIsDefault = false, tooLate } = {}) => {
    const workflowId = workflowIdFor(input);
    return deliveryCall({ client, workflowId, timeoutMs, answeredBy: 'server' }, async () => {
      if (tooLate === undefined && (await started(input, 'REJECT_DUPLICATE'))) return { isNew: true };
      // It counts as started, unless it did nothing because another starter gave it an invalid input.
      const again = await failedOnInput(client, workflowId).catch((error: unknown) => {
        throw tooLate !== undefined && isWorkflowMissing(error) ? tooLate : error;
      });
      if (again && tooLate !== undefined) throw tooLate;
      if (again && (await started(input, 'ALLOW_DUPLICATE_FAILED_ONLY'))) return { isNew: true };
      const before = await workflowInput(client, workflowId);
      const differing = before === undefined ? [] : differingFields(before, input);
      const fields = differing.filter((field) => !typeIsDefault || field !== 'messageTrafficType');
      if (fields.length > 0) throw new ConflictError(workflowId, fields);
      return { isNew: false };
    });
  };
}
