import { metricMeter } from '@temporalio/workflow';
import { METRICS } from '../contract/metrics.js';
import type { Delivery } from '../domain/delivery.js';
import type { RbmEventKind } from '../domain/evidence.js';
import { fallbackReasonOf } from '../domain/fallback-reason.js';
import type { Instant } from '../domain/plan.js';
import { cleartextOf } from '../encryption/payloads/as-received.js';
import type { Settlement } from '../domain/settlement.js';
import { latenessOf } from '../domain/sms-summary.js';

/*
 * The SDK drops measurements during a replay, so each delivery is counted once. It counts again if its last workflow
 * task runs again: a worker crashed before it reported the task, or an event came meanwhile. The history holds none of
 * this.
 */

export function measureSettled(
  { plan, evidence }: Delivery,
  { outcome, channel, duplicate, reason, secondsToDelivery }: Settlement,
): void {
  const traffic = trafficOf(plan);
  count(METRICS.settled, { outcome, channel, reason: reason ?? 'none', ...traffic });
  if (secondsToDelivery !== undefined) record(METRICS.timeToDelivery, secondsToDelivery, { channel, ...traffic });
  if (duplicate) count(METRICS.duplicates, traffic);
  for (const item of evidence) if (item.kind === 'revokeAnswered') count(METRICS.revocations, { answer: item.answer });
  const has = (kind: string) => evidence.some((item) => item.kind === kind);
  if (has('ttlExpirationRevoked')) count(METRICS.revocations, { answer: 'revokedByPlatform' });
  if (has('ttlExpirationRevokeFailed')) count(METRICS.revocations, { answer: 'failedByPlatform' });
}

/** Call it just before the first request of the SMS. Under `hold`, which has no deadline, no lateness is measured. */
export function measureFallback(delivery: Delivery, now: Instant): void {
  const { plan, facts } = delivery;
  count(METRICS.fallbacks, { reason: fallbackReasonOf(facts.rcs, now) ?? 'none', ...trafficOf(plan) });
  if (plan.whenUncertain === 'send') {
    record(METRICS.fallbackLateness, latenessOf(delivery, now) / 1000, trafficOf(plan));
  }
}

/** Counts an event from another number than the recipient's. */
export function measureOtherSender(event: RbmEventKind): void {
  count(METRICS.otherSender, { event });
}

/** Counts a signal that is not used, at least for now. `name`: one of the contract's. */
export function measureIgnored(name: string, why: 'sealed' | 'cleartext' | 'invalid'): void {
  count(METRICS.ignoredSignals, { signal: name, reason: why });
}

/** Counts a value that came in cleartext to a worker with keys. */
export function measureCleartext(kind: 'start' | 'signal' | 'update', value: unknown): void {
  if (cleartextOf(value) !== undefined) count(METRICS.cleartext, { kind });
}

const trafficOf = ({ input }: Delivery['plan']) => ({ traffic_type: input.messageTrafficType ?? 'none' });

interface Metric {
  readonly name: string;
  readonly help: string;
}
type Labels = Readonly<Record<string, string>>;

function count({ name, help }: Metric, labels: Labels): void {
  metricMeter.createCounter(name, undefined, help).add(1, labels);
}

function record({ name, help }: Metric, seconds: number, labels: Labels): void {
  metricMeter.createHistogram(name, 'float', 'seconds', help).record(seconds, labels);
}
