import { msToDuration } from '../contract/duration.js';
import type { UpdateRefusal } from '../contract/failures.js';
import type { Channel, DeliveryStatus, MessageDeliveryResult, Outcome, Phase, SmsSummary } from '../contract/status.js';
import { decide, type Step } from './decide.js';
import { allOf, has, lastOf, type Delivery } from './evidence.js';
import type { Instant } from './plan.js';
import { confirmedAt, smsDeadline } from './revocation.js';
import { mayBeQueued } from './sending.js';
import { isDelivered, receipt, smsState } from './sms-leg.js';
import { expiresAt, takeBackAt } from './taking-back.js';
import { timeline } from './timeline.js';
import { uncertaintyOf } from './uncertainty.js';

/** Where an open delivery stands. */
export function phaseOf(delivery: Delivery, now: Instant): Phase {
  if (has(delivery, 'smsRequested')) {
    return smsState(delivery) === 'accepted' ? 'AWAITING_SMS_RECEIPT' : 'FALLING_BACK';
  }
  if (confirmedAt(delivery) !== undefined) return 'CONFIRMING_REVOCATION';
  if (now >= takeBackAt(delivery)) return 'REVOKING';
  return lastOf(delivery, 'sendAnswered')?.answer === 'accepted' ? 'AWAITING_DELIVERY' : 'SENDING';
}

/** The outcome once `decide` settles, else undefined. */
export function outcomeOf(delivery: Delivery, now: Instant): Outcome | undefined {
  const step = decide(delivery, now);
  return step.do === 'settle' ? step.outcome : undefined;
}

/** True when the person got, or may have got, both the RCS message and the SMS. */
export function isDuplicate(delivery: Delivery): boolean {
  const state = has(delivery, 'smsRequested') ? smsState(delivery) : 'notSent';
  return isDelivered(delivery) && (state === 'accepted' || state === 'maybe');
}

function channelOf(delivery: Delivery, outcome: Outcome | undefined): Channel {
  switch (outcome) {
    case undefined:
      return has(delivery, 'smsRequested') ? 'SMS' : 'RCS';
    case 'DELIVERED':
      return 'RCS';
    case 'DELIVERED_BY_SMS':
    case 'SENT_BY_SMS':
      return 'SMS';
    case 'REVOKED':
    case 'UNCERTAIN':
    case 'UNDELIVERABLE':
    case 'CANCELLED':
      return null;
  }
}

function smsSummary(delivery: Delivery): SmsSummary | undefined {
  const requested = allOf(delivery, 'smsRequested')[0];
  if (requested === undefined) return undefined;
  const { provider, providerMessageId } =
    allOf(delivery, 'smsAnswered', 'smsReconciled').findLast((answer) => answer.provider !== undefined) ?? {};
  const status = receipt(delivery);
  const deadline = smsDeadline(delivery);
  return {
    ...(provider !== undefined && { provider }),
    ...(providerMessageId !== undefined && { providerMessageId }),
    accepted: smsAccepted(delivery),
    requestedTime: toTime(requested.at),
    deadline: toTime(deadline),
    lateness: msToDuration(latenessOf(delivery, requested.at)),
    ...(status !== undefined && { receipt: status }),
  };
}

function smsAccepted(delivery: Delivery): SmsSummary['accepted'] {
  switch (smsState(delivery)) {
    case 'accepted':
      return 'yes';
    case 'running':
    case 'maybe':
      return 'unknown';
    case 'refused':
    case 'notSent':
      return 'no';
  }
}

/** How late an SMS is that is requested at that time, in milliseconds. Under `hold` there is no deadline to be late for. */
export function latenessOf(delivery: Delivery, requestedAt: Instant): number {
  return delivery.plan.whenUncertain === 'send' ? Math.max(0, requestedAt - smsDeadline(delivery)) : 0;
}

/** What `decide` will say at the end of the wait that it asks for now; null when it waits for evidence alone, or not at all. */
export function stepAfterWait(delivery: Delivery, now: Instant): { readonly step: Step; readonly at: Instant } | null {
  const wait = decide(delivery, now);
  if (wait.do !== 'wait' || wait.until === null) return null;
  return { step: decide(delivery, wait.until), at: wait.until };
}

/** The same for people; or, sooner, that RBM takes the message back itself: its own expireTime does not follow a later expiry. */
export function nextOf(delivery: Delivery, now: Instant): DeliveryStatus['next'] {
  const next = stepAfterWait(delivery, now);
  if (next === null) return null;
  const { step, at } = next;
  const platformExpires = lastOf(delivery, 'sendStarted')?.platformExpiresAt ?? Infinity;
  if (step.do === 'revoke' && mayBeQueued(delivery) && platformExpires < at) {
    return { action: 'revocation by RBM', time: toTime(platformExpires) };
  }
  return { action: step.do === 'settle' ? step.outcome : step.do, time: toTime(at) };
}

export function statusOf(delivery: Delivery, now: Instant): DeliveryStatus {
  const { agentId, messageId } = delivery.plan.input;
  const outcome = outcomeOf(delivery, now);
  const phase = outcome === undefined ? phaseOf(delivery, now) : null;
  const sms = smsSummary(delivery);
  const entries = timeline(delivery);
  return {
    agentId,
    messageId,
    status: outcome ?? phaseOf(delivery, now),
    phase,
    outcome: outcome ?? null,
    channel: channelOf(delivery, outcome),
    expireTime: toTime(expiresAt(delivery)),
    duplicate: isDuplicate(delivery),
    next: nextOf(delivery, now),
    evidence: entries.filter(({ source }) => source !== 'workflow'),
    timeline: entries,
    ...(sms && { sms }),
    ...explained(delivery, outcome),
  };
}

export function resultOf(delivery: Delivery, outcome: Outcome, now: Instant): MessageDeliveryResult {
  const sms = smsSummary(delivery);
  return {
    outcome,
    channel: channelOf(delivery, outcome),
    messageId: delivery.plan.input.messageId,
    duplicate: isDuplicate(delivery),
    expireTime: toTime(expiresAt(delivery)),
    settledTime: toTime(now),
    ...(sms && { sms }),
    ...explained(delivery, outcome),
    timeline: timeline(delivery),
  };
}

const explained = (delivery: Delivery, outcome: Outcome | undefined) =>
  outcome === 'UNCERTAIN' ? { uncertainty: uncertaintyOf(delivery) } : {};

/** Why it is too late to revoke the message early or to change its expiry, and the same in words; undefined while it isn't. */
export function whyTooLate(
  delivery: Delivery,
  now: Instant,
): { readonly refusal: UpdateRefusal; readonly reason: string } | undefined {
  const outcome = outcomeOf(delivery, now);
  if (outcome !== undefined) return { refusal: 'settled', reason: `the delivery has settled as ${outcome}` };
  if (has(delivery, 'smsRequested')) return { refusal: 'fallbackStarted', reason: 'the SMS fallback has begun' };
  return now >= takeBackAt(delivery) ? { refusal: 'revocationStarted', reason: 'revoking has begun' } : undefined;
}

export function toTime(at: Instant): string {
  return new Date(at).toISOString();
}
