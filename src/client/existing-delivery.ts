import type { WorkflowClient } from '@temporalio/client';
import proto from '@temporalio/proto';
import { historyEvent } from '../temporal/workflow-input.js';

const { HistoryEventFilterType, WorkflowExecutionStatus: Status } = proto.temporal.api.enums.v1;

/** How a delivery's workflow closed, if not by its own result. Nobody waits for the message any more. */
export interface EndWithoutOutcome {
  readonly executionStatus: 'FAILED' | 'TERMINATED' | 'TIMED_OUT' | 'CANCELLED';
  /** Of FAILED, such as `InvalidInput`. Undefined if the failure has none. */
  readonly failureType?: string | undefined;
}

/**
 * Undefined if the delivery runs, or closed with an outcome. A run that is being deleted counts as terminated, unless it had
 * closed before.
 */
export async function endWithoutOutcome(
  client: WorkflowClient,
  workflowId: string,
): Promise<EndWithoutOutcome | undefined> {
  const { workflowService, options } = client;
  const which = { namespace: options.namespace, execution: { workflowId } };
  const { workflowExecutionInfo } = await workflowService.describeWorkflowExecution(which);
  const executionStatus = WITHOUT_OUTCOME.get(workflowExecutionInfo?.status);
  if (executionStatus !== 'FAILED') return executionStatus && { executionStatus };
  return { executionStatus, failureType: await failureType(client, workflowId) };
}

const WITHOUT_OUTCOME: ReadonlyMap<unknown, EndWithoutOutcome['executionStatus']> = new Map([
  [Status.WORKFLOW_EXECUTION_STATUS_FAILED, 'FAILED'],
  [Status.WORKFLOW_EXECUTION_STATUS_TERMINATED, 'TERMINATED'],
  [Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, 'TIMED_OUT'],
  [Status.WORKFLOW_EXECUTION_STATUS_CANCELED, 'CANCELLED'],
]);

async function failureType(client: WorkflowClient, workflowId: string): Promise<string | undefined> {
  // While a workflow runs, the server would wait for this event.
  const historyEventFilterType = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;
  const end = await historyEvent(client, workflowId, { historyEventFilterType });
  return end?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.type ?? undefined;
}
