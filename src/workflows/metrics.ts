import { metricMeter } from '@temporalio/workflow';
import { METRICS } from '../contract/metrics.js';
import { allOf, has, type Delivery } from '../domain/evidence.js';
import type { Instant } from '../domain/plan.js';
import type { Settlement } from './settlement.js';

/*
 * The SDK drops what is measured during a replay, so each is counted once; once more if a worker dies before it has reported
 * its workflow task, or the server refuses the task because of an event that has just come in. No history event.
 */

export function measureSettled(
  delivery: Delivery,
  { outcome, channel, duplicate, secondsToDelivery }: Settlement,
): void {
  const traffic = trafficOf(delivery);
  count(METRICS.settled, { outcome, channel, ...traffic });
  if (secondsToDelivery !== undefined) record(METRICS.timeToDelivery, secondsToDelivery, { channel, ...traffic });
  if (duplicate) count(METRICS.duplicates, traffic);
  for (const { answer } of allOf(delivery, 'revokeAnswered')) count(METRICS.revocations, { answer });
  if (has(delivery, 'ttlExpirationRevoked')) count(METRICS.revocations, { answer: 'revokedByPlatform' });
  if (has(delivery, 'ttlExpirationRevokeFailed')) count(METRICS.revocations, { answer: 'failedByPlatform' });
}

/** Just before the SMS is requested. Under `hold` there is no deadline. */
export function measureFallback(delivery: Delivery, lateness: Instant): void {
  if (delivery.plan.whenUncertain === 'send') record(METRICS.fallbackLateness, lateness / 1000, trafficOf(delivery));
}

const trafficOf = ({ plan: { input } }: Delivery) => ({ traffic_type: input.messageTrafficType ?? 'none' });

type Named = { readonly name: string; readonly help: string };
type Labels = Readonly<Record<string, string>>;

function count({ name, help }: Named, labels: Labels): void {
  metricMeter.createCounter(name, undefined, help).add(1, labels);
}

function record({ name, help }: Named, seconds: number, labels: Labels): void {
  metricMeter.createHistogram(name, 'float', 'seconds', help).record(seconds, labels);
}
