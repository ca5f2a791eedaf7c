import type { EndReason, Outcome } from '../contract/status.js';
import type { Delivery } from './delivery.js';
import { endReasonOf } from './end-reason.js';
import type { Instant } from './plan.js';
import { neverReachedRbm } from './rcs.js';
import { channelOf, isDuplicate } from './report.js';
import { latenessOf } from './sms-summary.js';
import { answerText } from './timeline.js';

/** What metrics and the log say about a delivery that has settled. */
export interface Settlement {
  readonly outcome: Outcome;
  readonly channel: 'RCS' | 'SMS' | 'none';
  readonly duplicate: boolean;
  /** Why the RCS leg ended without a delivery. */
  readonly reason?: EndReason;
  /** From the start to the proof of delivery, if there is one. */
  readonly secondsToDelivery?: number;
  /** How long after its deadline the SMS was requested, if it was. */
  readonly secondsLate?: number;
}

export function settlementOf(delivery: Delivery, outcome: Outcome, now: Instant): Settlement {
  const { facts, plan } = delivery;
  const reason = endReasonOf(facts.rcs, now);
  const provedAt = provedAtOf(delivery, outcome);
  const { requestedAt } = facts.sms;
  return {
    outcome,
    channel: channelOf(delivery, outcome) ?? 'none',
    duplicate: isDuplicate(delivery),
    ...(reason !== undefined && { reason }),
    ...(provedAt !== undefined && { secondsToDelivery: Math.max(0, provedAt - plan.startedAt) / 1000 }),
    ...(requestedAt !== undefined && { secondsLate: latenessOf(delivery, requestedAt) / 1000 }),
  };
}

function provedAtOf({ facts: { rcs, sms } }: Delivery, outcome: Outcome): Instant | undefined {
  if (outcome === 'DELIVERED') return rcs.provedAt;
  return outcome === 'DELIVERED_BY_SMS' ? sms.deliveredAt : undefined;
}

/** An SMS that is later than this shows that this system was down. */
const LATE_SECONDS = 60;

/** Whether a person should look at the delivery. A phone that was offline, without a fallback, is normal. */
export function needsAttention({ facts }: Delivery, settlement: Settlement): boolean {
  const { outcome, duplicate, secondsLate = 0 } = settlement;
  const smsFailed = outcome === 'UNDELIVERABLE' && facts.sms.requestedAt !== undefined;
  const isLate = secondsLate > LATE_SECONDS;
  return outcome === 'UNCERTAIN' || duplicate || smsFailed || isLate || neverReachedRbm(facts.rcs);
}

/** The last answers to create, DELETE and SMS request, for the log. */
export function lastAnswers({ facts: { rcs, sms } }: Delivery): Readonly<Record<string, string>> {
  return {
    ...(rcs.lastCreate && { send: answerText(rcs.lastCreate) }),
    ...(rcs.lastDelete && { revoke: answerText(rcs.lastDelete) }),
    ...(sms.lastAnswer && { sms: answerText(sms.lastAnswer) }),
  };
}
