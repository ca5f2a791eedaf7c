import type { UpdateRefusal } from '../contract/failures.js';
import type { Channel, DeliveryStatus, MessageDeliveryResult, Outcome } from '../contract/status.js';
import type { Delivery } from './delivery.js';
import { type Instant, toTime } from './plan.js';
import { endReasonOf } from './end-reason.js';
import { isDelivered, revokeDueAt } from './rcs.js';
import type { Snapshot } from './snapshot.js';
import { smsState } from './sms-state.js';
import { smsSummary } from './sms-summary.js';
import { timeline } from './timeline.js';
import { uncertaintyOf } from './uncertainty.js';

/** The answer of the query `status`. */
export function statusOf(snapshot: Snapshot): DeliveryStatus {
  const { delivery, decision } = snapshot;
  const { agentId, messageId } = delivery.plan.input;
  const outcome = 'outcome' in decision ? decision.outcome : null;
  const phase = 'outcome' in decision ? null : decision.phase;
  const entries = timeline(delivery.evidence);
  return {
    agentId,
    messageId,
    status: 'outcome' in decision ? decision.outcome : decision.phase,
    phase,
    outcome,
    channel: channelOf(delivery, outcome),
    expireTime: toTime(delivery.facts.rcs.expiresAt),
    duplicate: isDuplicate(delivery),
    next: nextOf(snapshot),
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
    duplicate: isDuplicate(delivery),
    expireTime: toTime(delivery.facts.rcs.expiresAt),
    settledTime: toTime(now),
    ...details(delivery, outcome, now),
    timeline: timeline(delivery.evidence),
  };
}

function details(
  delivery: Delivery,
  outcome: Outcome | null,
  now: Instant,
): Pick<DeliveryStatus, 'reason' | 'rcs' | 'sms' | 'uncertainty'> {
  const { rcs } = delivery.facts;
  const sms = smsSummary(delivery);
  const reason = endReasonOf(rcs, now);
  return {
    ...(reason !== undefined && { reason }),
    ...(rcs.summary !== undefined && { rcs: rcs.summary }),
    ...(sms !== undefined && { sms }),
    ...(outcome === 'UNCERTAIN' && { uncertainty: uncertaintyOf(delivery) }),
  };
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

/**
 * What happens at the end of the wait, for people. RBM's own revocation comes first if RBM's expireTime is before that:
 * it does not follow a later expiry.
 */
export function nextOf(snapshot: Snapshot): DeliveryStatus['next'] {
  const forecast = snapshot.forecast();
  if (forecast === null) return null;
  const { at, decision } = forecast;
  if ('outcome' in decision) return { action: decision.outcome, time: toTime(at) };
  const { created, mayBeQueued } = snapshot.delivery.facts.rcs;
  const isRbmFirst =
    created !== undefined && created.platformExpiresAt > snapshot.now && created.platformExpiresAt < at;
  if (decision.step.do === 'revoke' && mayBeQueued && isRbmFirst) {
    return { action: 'revocation by RBM', time: toTime(created.platformExpiresAt) };
  }
  return { action: decision.step.do, time: toTime(at) };
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
