import type { DeliveryId } from '../contract/ids.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../contract/status.js';
import type { DeliverySummary } from './list-deliveries.js';

/** What Temporal keeps of the start of every delivery. */
type Listed = Pick<DeliverySummary, 'startTime' | 'messageTrafficType' | 'campaignId'>;

/**
 * What the query `status` answers after the outcome, made from the result. This repeats `statusOf` in
 * src/domain/report.ts, which needs the evidence, and so a worker. A test compares the two. The results of earlier versions
 * do not say what the delivery was started with: then `listed` does.
 */
export function settledStatus(id: DeliveryId, result: MessageDeliveryResult, listed?: Listed): DeliveryStatus {
  const { messageTrafficType, campaignId, startTime, settledTime } = { ...listed, ...result };
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
