import type { Outcome } from '../contract/status.js';
import { allOf, has, lastOf, type Delivery } from '../domain/evidence.js';
import { isDuplicate } from '../domain/report.js';
import { smsDeadline } from '../domain/revocation.js';
import type { Instant } from '../domain/plan.js';

/** What operators are told of a delivery that has ended. */
export interface Settlement {
  readonly outcome: Outcome;
  readonly channel: 'RCS' | 'SMS' | 'none';
  readonly duplicate: boolean;
  /** From the start to the proof, where there is one. */
  readonly secondsToDelivery?: number;
  readonly secondsLate?: number;
}

export function settlementOf(delivery: Delivery, outcome: Outcome): Settlement {
  const proof = proofOf(delivery, outcome);
  const requested = allOf(delivery, 'smsRequested')[0];
  return {
    outcome,
    channel: channelOf(outcome),
    duplicate: isDuplicate(delivery),
    ...(proof !== undefined && { secondsToDelivery: Math.max(0, proof - delivery.plan.startedAt) / 1000 }),
    ...(requested !== undefined && { secondsLate: latenessAt(delivery, requested.at) / 1000 }),
  };
}

/** How late an SMS is that is requested now, in milliseconds. */
export const latenessAt = (delivery: Delivery, now: Instant) => Math.max(0, now - smsDeadline(delivery));

function proofOf(delivery: Delivery, outcome: Outcome): Instant | undefined {
  if (outcome === 'DELIVERED') return allOf(delivery, 'delivered', 'read', 'replied')[0]?.at;
  if (outcome !== 'DELIVERED_BY_SMS') return undefined;
  return allOf(delivery, 'smsStatus').find(({ status }) => status === 'DELIVERED')?.at;
}

function channelOf(outcome: Outcome): Settlement['channel'] {
  switch (outcome) {
    case 'DELIVERED':
      return 'RCS';
    case 'DELIVERED_BY_SMS':
    case 'SENT_BY_SMS':
      return 'SMS';
    case 'REVOKED':
    case 'UNCERTAIN':
    case 'UNDELIVERABLE':
    case 'CANCELLED':
      return 'none';
  }
}

/** Late by more than this, an SMS tells of an outage of ours. */
const LATE_SECONDS = 60;

/** Whether somebody should look at it. That a phone was not reachable, and no SMS was asked for, is normal life. */
export function needsHuman(delivery: Delivery, { outcome, duplicate, secondsLate = 0 }: Settlement): boolean {
  const smsFailed = outcome === 'UNDELIVERABLE' && has(delivery, 'smsRequested');
  const late = delivery.plan.whenUncertain === 'send' && secondsLate > LATE_SECONDS;
  return outcome === 'UNCERTAIN' || duplicate || smsFailed || late;
}

/** The last words of each leg, for the log. */
export function lastAnswers(delivery: Delivery): Readonly<Record<string, string>> {
  const send = lastOf(delivery, 'sendAnswered')?.answer;
  const revoke = lastOf(delivery, 'revokeAnswered')?.answer;
  const sms = lastOf(delivery, 'smsAnswered')?.answer;
  return { ...(send && { send }), ...(revoke && { revoke }), ...(sms && { sms }) };
}
