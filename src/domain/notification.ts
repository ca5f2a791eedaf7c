import type { DeliveryNotification } from '../contract/notification.js';
import type { Delivery } from './evidence.js';
import type { Instant } from './plan.js';
import { statusOf, toTime } from './report.js';

/** What there is to tell the business of a delivery as it stands, after `told` other things. */
export function notificationOf(delivery: Delivery, now: Instant, told: number): DeliveryNotification {
  const { agentId, messageId, status, outcome, channel, duplicate, expireTime, sms } = statusOf(delivery, now);
  const { campaignId } = delivery.plan.input;
  return {
    type: outcome === null ? 'delivery.phase' : 'delivery.settled',
    timestamp: toTime(now),
    data: {
      sequence: told + 1,
      agentId,
      messageId,
      ...(campaignId !== undefined && { campaignId }),
      ...{ status, outcome, channel, duplicate, expireTime },
      ...(sms !== undefined && { sms }),
    },
  };
}
