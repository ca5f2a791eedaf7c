import type { DeliveryId } from '../contract/ids.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../contract/status.js';

/**
 * What the query `status` answers after the outcome, made from the result. This repeats `statusOf` in
 * src/domain/report.ts, which needs the evidence, and so a worker. A test compares the two.
 */
export function settledStatus(id: DeliveryId, result: MessageDeliveryResult): DeliveryStatus {
  const { messageTrafficType, campaignId, startTime, settledTime } = result;
  const { outcome, channel, expireTime, duplicate, timeline, reason, revocation, rcs, sms, uncertainty } = result;
  return {
    agentId: id.agentId,
    messageId: id.messageId,
    ...(messageTrafficType !== undefined && { messageTrafficType }),
    ...(campaignId !== undefined && { campaignId }),
    startTime,
    settledTime,
    status: outcome,
    phase: null,
    outcome,
    channel,
    expireTime,
    duplicate,
    next: null,
    evidence: timeline.filter(({ source }) => source !== 'workflow'),
    timeline,
    ...(reason && { reason }),
    ...(revocation && { revocation }),
    ...(rcs && { rcs }),
    ...(sms && { sms }),
    ...(uncertainty !== undefined && { uncertainty }),
  };
}
