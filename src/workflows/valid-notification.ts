import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { FailureType } from '../contract/failures.js';
import { parseWorkflowId } from '../contract/ids.js';
import { notificationWorkflowIdFor, type MessageNotificationInput } from '../contract/notification.js';
import {
  deliveryOfNotification,
  describeNotificationProblems,
  notificationProblems,
} from '../contract/notification-input.js';

/**
 * The input of `messageNotification`. Whoever may start workflows could otherwise have any text signed. Throws a
 * non-retryable ForeignNotification unless the parent is the delivery that the notification speaks of, and a
 * non-retryable InvalidInput that repeats no value. The SDK does not tell a workflow its parent's type, only its id.
 */
export function validNotification(input: unknown): MessageNotificationInput {
  const { parent, namespace, workflowId } = workflowInfo();
  if (parent === undefined || parent.namespace !== namespace || parseWorkflowId(parent.workflowId) === undefined)
    throw foreign('it was not started by a delivery');
  const problems = notificationProblems(input);
  if (problems.length > 0) {
    const message = describeNotificationProblems(problems);
    throw ApplicationFailure.nonRetryable(message, FailureType.InvalidInput, problems);
  }
  const notification = input as MessageNotificationInput;
  if (deliveryOfNotification(notification) !== parent.workflowId) throw foreign('it speaks of another delivery');
  if (notificationWorkflowIdFor(notification.id) !== workflowId) throw foreign('its workflow id is not its own');
  return notification;
}

const foreign = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`The notification is not sent: ${why}.`, FailureType.ForeignNotification);
