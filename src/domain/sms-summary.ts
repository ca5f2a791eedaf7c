import { msToDuration } from '../contract/duration.js';
import type { SmsSummary } from '../contract/status.js';
import type { Delivery } from './delivery.js';
import { type Instant, toTime } from './plan.js';
import { isHeld } from './rcs.js';
import { smsDeadline } from './revocation.js';
import { smsValidUntil } from './sms-repeat.js';
import { receiptOf, smsState, type SmsState } from './sms-state.js';

/** The SMS leg as status, result and notifications show it; undefined before its first request. */
export function smsSummary(delivery: Delivery): SmsSummary | undefined {
  const { facts, plan } = delivery;
  const { requestedAt, source } = facts.sms;
  if (requestedAt === undefined) return undefined;
  const receipt = receiptOf(facts.sms);
  const { fallbackReason: reason } = facts;
  return {
    ...(reason !== undefined && { reason }),
    ...source,
    accepted: ACCEPTED[smsState(facts.sms, plan)],
    requestedTime: toTime(requestedAt),
    deadline: toTime(smsDeadline(facts.rcs, plan)),
    lateness: msToDuration(latenessOf(delivery, requestedAt)),
    validUntil: toTime(smsValidUntil(facts.sms, plan)),
    ...(receipt !== undefined && { receipt }),
  };
}

const ACCEPTED: Readonly<Record<SmsState, SmsSummary['accepted']>> = {
  accepted: 'yes',
  running: 'unknown',
  maybe: 'unknown',
  refused: 'no',
  notSent: 'no',
};

/**
 * How long after its deadline an SMS is that is requested at that time, in milliseconds. 0 under `hold`, which has no
 * deadline.
 */
export function latenessOf({ facts: { rcs }, plan }: Delivery, requestedAt: Instant): number {
  return !isHeld(rcs, plan) ? Math.max(0, requestedAt - smsDeadline(rcs, plan)) : 0;
}
