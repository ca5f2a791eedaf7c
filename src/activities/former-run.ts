import { activityInfo } from '@temporalio/activity';

/**
 * Whether another run than the activity's own scheduled this request, by its input. After an operator's reset Temporal
 * hands a pending activity to the new run with the old input. The run before may have made the request.
 */
export function isOfFormerRun({ runId }: { readonly runId?: string }): boolean {
  return runId !== undefined && runId !== activityInfo().workflowExecution?.runId;
}
