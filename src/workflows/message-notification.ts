import { proxyActivities } from '@temporalio/workflow';
import type { NotificationActivities } from '../activities/notification-activities.js';
import type { MessageNotificationInput } from '../contract/notification.js';
import { DAY, MINUTE, SECOND } from '../contract/duration.js';

const REQUEST = 10 * SECOND;

const { notify } = proxyActivities<NotificationActivities>({
  startToCloseTimeout: REQUEST + 2 * SECOND,
  scheduleToCloseTimeout: 3 * DAY,
  retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 10 * MINUTE },
  summary: 'POST to the notify.url',
});

/**
 * Tells the business one thing about one delivery: a POST, repeated for three days until it is taken. A workflow of its own,
 * so that neither a slow nor a dead receiver keeps the delivery from its outcome. Fails when nobody took it.
 */
export async function messageNotification({ url, id, notification }: MessageNotificationInput): Promise<void> {
  await notify({ url, id, body: JSON.stringify(notification), timeoutMs: REQUEST });
}
