import type { DeliveryNotification } from '../contract/notification.js';
import { statusOf } from './report.js';
import type { Snapshot } from './snapshot.js';
import { toTime } from './plan.js';

/** The notification about a delivery as it stands, the `sequence`-th of this delivery (from 1). */
export function notificationOf(snapshot: Snapshot, sequence: number): DeliveryNotification {
  const { agentId, messageId, status, outcome, channel, duplicate, expireTime, reason, sms } = statusOf(snapshot);
  const { campaignId } = snapshot.delivery.plan.input;
  return {
    type: outcome === null ? 'delivery.phase' : 'delivery.settled',
    timestamp: toTime(snapshot.now),
    data: {
      sequence,
      agentId,
      messageId,
      ...(campaignId !== undefined && { campaignId }),
      ...{ status, outcome, channel, duplicate, expireTime },
      ...(reason !== undefined && { reason }),
      ...(sms !== undefined && { sms }),
    },
  };
}
