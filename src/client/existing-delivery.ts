import type { WorkflowClient } from '@temporalio/client';
import proto from '@temporalio/proto';
import { FailureType } from '../contract/failures.js';
import { historyEvent } from '../temporal/workflow-input.js';

const { HistoryEventFilterType, WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

/** Whether it closed without doing anything, because another starter gave it an invalid input. */
export async function failedOnInput(client: WorkflowClient, workflowId: string): Promise<boolean> {
  const { workflowService, options } = client;
  const which = { namespace: options.namespace, execution: { workflowId } };
  const { workflowExecutionInfo } = await workflowService.describeWorkflowExecution(which);
  if (workflowExecutionInfo?.status !== WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED) return false;
  // While a workflow runs, the server would wait for this event.
  const historyEventFilterType = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;
  const end = await historyEvent(client, workflowId, { historyEventFilterType });
  const failure = end?.workflowExecutionFailedEventAttributes?.failure;
  return failure?.applicationFailureInfo?.type === FailureType.InvalidInput;
}
