import { bareAgentId } from '../contract/ids.js';
import { NOTIFICATION_WORKFLOW_TYPE, notificationWorkflowIdFor } from '../contract/notification.js';
import { AGENT_ID_PATTERN } from '../contract/patterns.js';
import { CLOSED_WITHOUT_RESULT } from '../temporal/list-executions.js';
import { InvalidInputError } from './client-errors.js';

/** Selects notifications that match every given field. */
export interface NotificationFilter {
  /** `failed`: given up. `pending`: at least one attempt did not succeed, and another one follows. */
  readonly state: 'failed' | 'pending';
  readonly agentId?: string | undefined;
  /** Only those that failed at this time or later. */
  readonly failedSince?: Date | undefined;
}

/** A Temporal list filter for what may match: a closed run may have a newer one. Throws an {@link InvalidInputError}. */
export function notificationQuery({ state, agentId, failedSince }: NotificationFilter): string {
  if (agentId !== undefined && !AGENT_ID_PATTERN.test(agentId)) throw wrong('agentId', "must be an RBM agent's id");
  if (Number.isNaN(failedSince?.getTime())) throw wrong('failedSince', 'must be a time');
  const parts = [
    `WorkflowType = '${NOTIFICATION_WORKFLOW_TYPE}'`,
    state === 'pending' ? "ExecutionStatus = 'Running'" : CLOSED_WITHOUT_RESULT,
    agentId !== undefined && `WorkflowId STARTS_WITH '${notificationWorkflowIdFor(`${bareAgentId(agentId)}:`)}'`,
    failedSince !== undefined && `CloseTime >= '${failedSince.toISOString()}'`,
  ];
  return parts.filter((part) => part !== false).join(' AND ');
}

const wrong = (field: string, problem: string) => new InvalidInputError([{ field, problem }]);

/** Every notification that the delivery started and that Temporal does not list as completed. */
export const notificationsOfQuery = (delivery: string): string =>
  `ParentWorkflowId = '${delivery}' AND WorkflowType = '${NOTIFICATION_WORKFLOW_TYPE}' AND ExecutionStatus != 'Completed'`;
