import { longestPause } from './backoff.js';
import type { Facts } from './delivery.js';
import { platformExpiry, revokeTimeout, type Instant, type Plan } from './plan.js';
import { confirmation, isDelivered, mayGetThrough, revokeDueAt } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import { LONGEST_PAUSE, nextDeleteAt, revocationMode } from './revocation.js';
import { waitUntil, type Settled, type Step } from './step.js';

/**
 * The next step of the SMS leg, with a revocation that is not confirmed going on beside it: a DELETE that was lost must not
 * leave the message in RBM's queue. The SMS never waits for it. The outcome does, until the revocation is confirmed or RBM
 * has dropped the message by itself.
 */
export function withRevocation(sms: Step | Settled, facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const { rcs } = facts;
  if (!isOpen(rcs, plan, now)) return sms;
  // An action of the SMS leg comes first.
  if ('do' in sms && sms.do !== 'wait') return sms;
  const revocation = nextStep(rcs, plan, now);
  if (revocation.do !== 'wait') return revocation;
  const smsUntil = 'outcome' in sms ? Infinity : (sms.until ?? Infinity);
  return waitUntil(Math.min(smsUntil, revocation.until ?? Infinity));
}

/** A cancellation revokes by itself, and after a DELIVERED there is nothing to revoke. */
const isOpen = (rcs: Rcs, plan: Plan, now: Instant): boolean =>
  rcs.cancelledAt === undefined &&
  !isDelivered(rcs) &&
  mayGetThrough(rcs) &&
  confirmation(rcs) === undefined &&
  now < droppedAt(rcs, plan);

/** RBM's own expireTime. */
const droppedAt = ({ created, expiresAt }: Rcs, plan: Plan): Instant =>
  created?.platformExpiresAt ?? platformExpiry(plan, expiresAt);

function nextStep(rcs: Rcs, plan: Plan, now: Instant): Extract<Step, { do: 'wait' | 'revoke' }> {
  const end = droppedAt(rcs, plan);
  if (rcs.deletingSince !== undefined) return waitUntil(end);
  const longest = longestPause(end - revokeDueAt(rcs), LONGEST_PAUSE);
  const next = nextDeleteAt(revocationMode(rcs, plan), rcs, plan, longest);
  return now < next ? waitUntil(Math.min(next, end)) : { do: 'revoke', timeout: revokeTimeout(plan) };
}
