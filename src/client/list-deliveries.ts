import type { WorkflowClient, WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { temporalCall } from '../temporal/temporal-call.js';

/** A delivery as Temporal lists it, from its search attributes. A change shows after some seconds. */
export interface DeliverySummary extends DeliveryId {
  readonly workflowId: string;
  /** The search attribute DeliveryStatus: `STARTED`, a phase or an outcome. Absent if the namespace lacks it. */
  readonly status?: string;
  /** The workflow's status in Temporal: `RUNNING`, `COMPLETED`, `FAILED`, `TERMINATED`, … */
  readonly executionStatus: string;
  readonly messageTrafficType?: string;
  readonly campaignId?: string;
  /** Why the SMS was requested. Absent if it was not, as far as is listed. */
  readonly fallbackReason?: string;
  /** Times are RFC 3339. */
  readonly expireTime?: string;
  readonly startTime: string;
  readonly closeTime?: string;
}

export interface ListOptions {
  readonly client: WorkflowClient;
  readonly query: string;
  readonly timeoutMs: number;
  readonly limit?: number | undefined;
}

/** Running deliveries first, then the ones that closed last. Throws a `DeliveryError`. */
export async function* listDeliveries({ client, query, timeoutMs, limit = Infinity }: ListOptions) {
  const call = { client, timeoutMs, answeredBy: 'server' } as const;
  const pageSize = Math.min(limit, 500);
  const found = client.list({ query, pageSize })[Symbol.asyncIterator]();
  for (let listed = 0; listed < limit;) {
    // A step that fetches a page makes one call. The others make none.
    const next = await temporalCall(call, () => found.next());
    if (next.done === true) return;
    const summary = summaryOf(next.value);
    if (summary === undefined) continue;
    listed += 1;
    yield summary;
  }
}

const KEYS = {
  status: defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus),
  messageTrafficType: defineSearchAttributeKey('MessageTrafficType', SEARCH_ATTRIBUTES.MessageTrafficType),
  campaignId: defineSearchAttributeKey('CampaignId', SEARCH_ATTRIBUTES.CampaignId),
  fallbackReason: defineSearchAttributeKey('FallbackReason', SEARCH_ATTRIBUTES.FallbackReason),
  expireTime: defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime),
};

/** Undefined for a workflow that another program started under an id of its own. Such a workflow fails. */
export function summaryOf(info: Omit<WorkflowExecutionInfo, 'raw'>): DeliverySummary | undefined {
  const { workflowId, typedSearchAttributes: attributes, startTime, closeTime } = info;
  const id = parseWorkflowId(workflowId);
  if (id === undefined) return undefined;
  const status = attributes.get(KEYS.status);
  const messageTrafficType = attributes.get(KEYS.messageTrafficType);
  const campaignId = attributes.get(KEYS.campaignId);
  const fallbackReason = attributes.get(KEYS.fallbackReason);
  const expireTime = attributes.get(KEYS.expireTime);
  return {
    workflowId,
    ...id,
    ...(status !== undefined && { status }),
    executionStatus: info.status.name,
    ...(messageTrafficType !== undefined && { messageTrafficType }),
    ...(campaignId !== undefined && { campaignId }),
    ...(fallbackReason !== undefined && fallbackReason !== 'none' && { fallbackReason }),
    ...(expireTime !== undefined && { expireTime: expireTime.toISOString() }),
    startTime: startTime.toISOString(),
    ...(closeTime !== undefined && { closeTime: closeTime.toISOString() }),
  };
}
