import type { DeliverySummary } from '../client/list-deliveries.js';
import type { PendingRequest } from '../temporal/pending-requests.js';
import { timeWithDistance } from './format.js';
import { pendingLine } from './pending-view.js';
import { painter, type Screen } from './printer.js';
import type { Fact } from './status-facts.js';
import { factLines } from './status-view.js';

export interface RenderIndexedOptions extends Screen {
  readonly summary: DeliverySummary;
  readonly pending?: readonly PendingRequest[];
}

/** What Temporal's index holds of a delivery, for when no worker answers. */
export function renderIndexed({ summary, pending = [], now, colour, columns }: RenderIndexedOptions): string {
  const { workflowId, executionStatus, status, messageTrafficType, campaignId, expireTime } = summary;
  const { startTime, closeTime } = summary;
  const paint = painter(colour);
  const facts: Fact[] = [
    ['delivery', workflowId],
    ['traffic', messageTrafficType],
    ['campaign', campaignId],
    ['started', timeWithDistance(startTime, now)],
    ['ended', closeTime && timeWithDistance(closeTime, now)],
    ['last known', status],
    ['expires', expireTime && timeWithDistance(expireTime, now)],
    ...pending.map((request): Fact => ['trying', pendingLine(request, now)]),
  ];
  return [paint('bold', executionStatus), ...factLines(facts, paint, columns)].join('\n');
}
