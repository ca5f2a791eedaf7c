import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { NotificationActivities } from '../activities/notification-activities.js';
import { DAY, HOUR, SECOND } from '../contract/duration.js';
import { stemOf, taskQueueFor } from '../contract/task-queues.js';
import { openedInput } from './received-input.js';
import { validNotification } from './valid-notification.js';

const REQUEST_TIMEOUT = 10 * SECOND;

/**
 * Sends the business one notification about one delivery: a POST, repeated for up to three days until it is accepted.
 * It is a workflow of its own, so that a slow receiver does not keep the delivery from settling. Fails if the POST was
 * never accepted, and at once unless the delivery that it speaks of has started it.
 */
export async function messageNotification(input: unknown): Promise<void> {
  const { url, id, notification } = validNotification(openedInput(input));
  const { notify } = proxyActivities<NotificationActivities>({
    taskQueue: taskQueueFor(stemOf(workflowInfo().taskQueue), 'notify'),
    startToCloseTimeout: REQUEST_TIMEOUT + 2 * SECOND,
    scheduleToCloseTimeout: 3 * DAY,
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: HOUR },
    summary: 'POST to the notify.url',
  });
  await notify({ url, id, body: JSON.stringify(notification), timeoutMs: REQUEST_TIMEOUT });
}
