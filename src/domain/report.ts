import type { UpdateRefusal } from '../contract/failures.js';
import type { Channel, DeliveryStatus, MessageDeliveryResult, Outcome } from '../contract/status.js';
import type { Delivery } from './delivery.js';
import { type Instant, toTime } from './plan.js';
import { endReasonOf } from './end-reason.js';
import { nextStepOf } from './next-step.js';
import { confirmation, isDelivered, isFallbackWanted, isHeld, mayGetThrough, revokeDueAt } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import type { Snapshot } from './snapshot.js';
import { smsState } from './sms-state.js';
import { smsSummary } from './sms-summary.js';
import type { Decision } from './step.js';
import { timeline } from './timeline.js';
import { uncertaintyOf } from './uncertainty.js';

/** The answer of the query `status`. */
export function statusOf(snapshot: Snapshot): DeliveryStatus {
  const { delivery, decision } = snapshot;
  const { agentId, messageId } = delivery.plan.input;
  const outcome = 'outcome' in decision ? decision.outcome : null;
  const phase = 'outcome' in decision ? null : decision.phase;
  const entries = timeline(delivery);
  return {
    agentId,
    messageId,
    ...originOf(delivery),
    ...('outcome' in decision && { settledTime: toTime(snapshot.now) }),
    status: 'outcome' in decision ? decision.outcome : decision.phase,
    phase,
    outcome,
    channel: channelOf(delivery, outcome),
    expireTime: toTime(delivery.facts.rcs.expiresAt),
    duplicate: isDuplicate(delivery),
    next: nextStepOf(snapshot),
    ...whileRunning(delivery, decision),
    evidence: entries.filter(({ source }) => source !== 'workflow'),
    timeline: entries,
    ...details(delivery, outcome, snapshot.now),
  };
}

/** The result of a delivery that settles now. */
export function resultOf(delivery: Delivery, outcome: Outcome, now: Instant): MessageDeliveryResult {
  return {
    outcome,
    channel: channelOf(delivery, outcome),
    messageId: delivery.plan.input.messageId,
    ...originOf(delivery),
    duplicate: isDuplicate(delivery),
    expireTime: toTime(delivery.facts.rcs.expiresAt),
    settledTime: toTime(now),
    ...details(delivery, outcome, now),
    timeline: timeline(delivery),
  };
}

/** What the delivery was started with, for people who look it up. */
function originOf({
  plan: { input, startedAt },
}: Delivery): Pick<DeliveryStatus, 'messageTrafficType' | 'campaignId' | 'startTime'> {
  const { messageTrafficType, campaignId } = input;
  return {
    ...(messageTrafficType !== undefined && { messageTrafficType }),
    ...(campaignId !== undefined && { campaignId }),
    startTime: toTime(startedAt),
  };
}

const NEEDS_CONFIRMATION = { smsNeedsConfirmation: true } as const;

/** What may still happen without this delivery, and after its next step. */
function whileRunning(
  { facts, plan }: Delivery,
  decision: Decision,
): Pick<DeliveryStatus, 'platformExpireTime' | 'smsFollows' | 'smsNeedsConfirmation'> {
  if ('outcome' in decision) return {};
  const { rcs, sms } = facts;
  const queuedUntil = rcs.mayBeQueued ? (rcs.queuedUntil ?? rcs.created?.platformExpiresAt) : undefined;
  const smsFollows = isFallbackWanted(rcs, plan);
  return {
    ...(queuedUntil !== undefined && { platformExpireTime: toTime(queuedUntil) }),
    ...(sms.requestedAt === undefined && { smsFollows, ...(smsFollows && isHeld(rcs, plan) && NEEDS_CONFIRMATION) }),
  };
}

function details(
  delivery: Delivery,
  outcome: Outcome | null,
  now: Instant,
): Pick<DeliveryStatus, 'reason' | 'revocation' | 'rcs' | 'sms' | 'uncertainty'> {
  const { rcs } = delivery.facts;
  const sms = smsSummary(delivery);
  const reason = endReasonOf(rcs, now);
  const revocation = revocationOf(rcs, now);
  return {
    ...(reason !== undefined && { reason }),
    ...(revocation !== undefined && { revocation }),
    ...(rcs.summary !== undefined && { rcs: rcs.summary }),
    ...(sms !== undefined && { sms }),
    ...(outcome === 'UNCERTAIN' && { uncertainty: uncertaintyOf(delivery) }),
  };
}

function revocationOf(rcs: Rcs, now: Instant): DeliveryStatus['revocation'] {
  if (isDelivered(rcs)) return undefined;
  if (confirmation(rcs) !== undefined) return 'confirmed';
  return mayGetThrough(rcs) && now >= revokeDueAt(rcs) ? 'unconfirmed' : undefined;
}

/** True if the person got, or may have got, both the RCS message and the SMS. */
export function isDuplicate({ facts: { rcs, sms }, plan }: Delivery): boolean {
  if (!isDelivered(rcs)) return false;
  const state = smsState(sms, plan);
  if (state !== 'maybe') return state === 'accepted';
  // That another run might have sent the SMS is no sign that it did. A run before a reset that can't be read counts.
  return sms.requestedAt !== undefined || (rcs.isUnreadable && plan.input.fallback !== undefined);
}

/** What reached the person; while the delivery runs, the leg that it is in. */
export function channelOf({ facts }: Delivery, outcome: Outcome | null): Channel {
  switch (outcome) {
    case null:
      return facts.sms.requestedAt === undefined ? 'RCS' : 'SMS';
    case 'DELIVERED':
      return 'RCS';
    case 'DELIVERED_BY_SMS':
    case 'SENT_BY_SMS':
      return 'SMS';
    case 'REVOKED':
    case 'UNCERTAIN':
    case 'UNDELIVERABLE':
    case 'CANCELLED':
    case 'SUPPRESSED':
      return null;
  }
}

/** Why an update came too late. */
export interface TooLate {
  readonly refusal: UpdateRefusal;
  /** The refusal as a text for people. */
  readonly reason: string;
}

/** Why it is too late to revoke the message early or to change its expiry; undefined while it is not. */
export function whyTooLate({ delivery, decision, now }: Snapshot): TooLate | undefined {
  const { rcs, sms } = delivery.facts;
  if ('outcome' in decision) {
    return { refusal: 'settled', reason: `the delivery has settled as ${decision.outcome}` };
  }
  if (sms.requestedAt !== undefined) return { refusal: 'fallbackStarted', reason: 'the SMS fallback has begun' };
  if (now < revokeDueAt(rcs)) return undefined;
  return { refusal: 'revocationStarted', reason: 'revoking has begun' };
}
