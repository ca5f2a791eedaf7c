import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, type WorkflowClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../contract/failures.js';
import { WORKFLOW_TYPE, workflowIdFor } from '../contract/ids.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { deliveryCall } from './delivery-call.js';
import { createDeliveryStart } from './start-attributes.js';
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
 * input.
 */
export type StartDelivery = (input: MessageDeliveryInput) => Promise<void>;

/** Throws a TypeError for an empty `recipientHashKey`. */
export function createDeliveryStarter(options: DeliveryStarterOptions): StartDelivery {
  const { client, taskQueue, timeoutMs, recipientHashKey, withSearchAttributes } = options;
  const attributedStart = createDeliveryStart({ recipientHashKey, none: !withSearchAttributes });

  const startWith = (
    input: MessageDeliveryInput,
    workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
  ) =>
    attributedStart(input, (attributes) =>
      client.start(WORKFLOW_TYPE, {
        workflowId: workflowIdFor(input),
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy,
        ...webUiSummary(input),
        ...attributes,
      }),
    );

  return (input) => {
    const workflowId = workflowIdFor(input);
    return deliveryCall({ client, workflowId, timeoutMs, answeredBy: 'server' }, async () => {
      try {
        await startWith(input, 'REJECT_DUPLICATE');
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        // It is closed. It counts as started, unless it did nothing because another starter gave it an invalid input.
        if (await failedOnInput(client, workflowId)) await startWith(input, 'ALLOW_DUPLICATE_FAILED_ONLY');
      }
    });
  };
}

async function failedOnInput(client: WorkflowClient, workflowId: string): Promise<boolean> {
  const existing = client.getHandle(workflowId);
  if ((await existing.describe()).status.name !== 'FAILED') return false;
  const failure: unknown = await existing.result().catch((error: unknown) => error);
  const cause = failure instanceof WorkflowFailedError ? failure.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === FailureType.InvalidInput;
}
