import type { Outcome } from '../contract/status.js';
import { allOf, has, lastOf, type Delivery } from '../domain/evidence.js';
import type { Instant } from '../domain/plan.js';
import { neverReachedRbm } from '../domain/reach.js';
import { isDuplicate, latenessOf } from '../domain/report.js';
import { because } from '../domain/timeline.js';

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
    ...(requested !== undefined && { secondsLate: latenessOf(delivery, requested.at) / 1000 }),
  };
}

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
  const late = secondsLate > LATE_SECONDS;
  return outcome === 'UNCERTAIN' || duplicate || smsFailed || late || neverReachedRbm(delivery);
}

/** The last words of each leg, for the log. */
export function lastAnswers(delivery: Delivery): Readonly<Record<string, string>> {
  const words = (kind: 'sendAnswered' | 'revokeAnswered' | 'smsAnswered') => {
    const last = lastOf(delivery, kind);
    return last && because(last.answer, last.reason);
  };
  const [send, revoke, sms] = [words('sendAnswered'), words('revokeAnswered'), words('smsAnswered')];
  return { ...(send && { send }), ...(revoke && { revoke }), ...(sms && { sms }) };
}
