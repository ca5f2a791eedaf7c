import type { WorkflowClient } from '@temporalio/client';
import proto from '@temporalio/proto';
import { unlessMissing } from './notification-state.js';

const { ResetReapplyType } = proto.temporal.api.enums.v1;

export interface NotificationReset {
  readonly workflowId: string;
  /** The run that failed. */
  readonly runId: string;
  readonly reason: string;
}

/**
 * Lets a notification's workflow start over after a run that failed. The new run has the parent, the id and the input of
 * the former one. Returns `gone` if Temporal does not keep that run any more. Throws gRPC's errors.
 */
export async function resetNotification(
  client: WorkflowClient,
  { workflowId, runId, reason }: NotificationReset,
): Promise<'sent' | 'gone'> {
  const { workflowService, options } = client;
  const workflowExecution = { workflowId, runId };
  const task = await firstTask(client, workflowExecution);
  if (task === undefined) return 'gone';
  const request = {
    namespace: options.namespace,
    workflowExecution,
    reason,
    workflowTaskFinishEventId: task,
    // Temporal answers a second request with the same id with the run that the first one has made.
    requestId: `notify-again-${runId}`,
    resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
    identity: options.identity,
  };
  const reset = await workflowService.resetWorkflowExecution(request).catch(unlessMissing);
  return reset === undefined ? 'gone' : 'sent';
}

/** The number of the event with which the run's first workflow task ended. Undefined if Temporal does not keep the run. */
async function firstTask(
  { workflowService, options: { namespace } }: WorkflowClient,
  execution: { readonly workflowId: string; readonly runId: string },
) {
  // A reset run begins with a copy of the former one, and its first task comes a few events later.
  const request = { namespace, execution, maximumPageSize: 50 };
  const page = await workflowService.getWorkflowExecutionHistory(request).catch(unlessMissing);
  const events = page?.history?.events ?? [];
  const scheduled = events.find(({ workflowTaskScheduledEventAttributes }) => workflowTaskScheduledEventAttributes);
  const completed = events.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  // Somebody may have terminated the run before a worker began it.
  return completed?.eventId ?? scheduled?.eventId?.add(1);
}
