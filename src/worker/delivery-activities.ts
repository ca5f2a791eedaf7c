import type { MessageActivities } from '../activities/message-activities.js';
import type { NotificationActivities } from '../activities/notification-activities.js';
import type { OptOutActivities } from '../activities/opt-out-activities.js';
import type { WorkerQueue } from '../contract/task-queues.js';

/**
 * `messageNotification`'s activities may be left out if no delivery is started with `notify`, those of `optOut` if no
 * opt-outs are recorded.
 */
export type DeliveryActivities = MessageActivities & Partial<NotificationActivities & OptOutActivities>;

/**
 * Calls to Temporal itself run beside the workflows. A local activity runs where its workflow does, so `bulk` needs it for
 * a code that was started there by mistake.
 */
const NAMES: Readonly<Record<WorkerQueue, readonly (keyof DeliveryActivities)[]>> = {
  workflows: ['sendRcs', 'measureOutage', 'lookBack', 'revokePromotions'],
  bulk: ['sendRcs', 'measureOutage'],
  rbm: ['sendRcs'],
  revoke: ['revokeRcs'],
  sms: ['sendSms', 'reconcileSms'],
  notify: ['notify'],
};

/** Those of the activities that a queue's Worker needs. */
export function activitiesFor(queue: WorkerQueue, activities: DeliveryActivities): object {
  const names: readonly string[] = NAMES[queue];
  const its = Object.entries(activities).filter(([name, activity]) => names.includes(name) && activity !== undefined);
  return Object.fromEntries(its);
}
