import { longestPause } from './backoff.js';
import type { Facts } from './delivery.js';
import { platformExpiry, revokeTimeout, type Instant, type Plan } from './plan.js';
import { confirmation, isDelivered, mayGetThrough, revokeDueAt } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import { decideRevocation, LONGEST_PAUSE, nextDeleteAt, revocationMode } from './revocation.js';
import { waitUntil, type Settled, type Step } from './step.js';

/**
 * The next step of the SMS leg, with a revocation that is not confirmed going on beside it: a DELETE that was lost must not
 * leave the message in RBM's queue. The SMS never waits for it. The outcome does, until the revocation is confirmed or RBM
 * has dropped the message by itself.
 */
export function withRevocation(sms: Step | Settled, facts: Facts, plan: Plan, now: Instant): Step | Settled {
  const revocation = nextStep(facts, plan, now);
  if (revocation === undefined) return sms;
  // An action of the SMS leg comes first.
  if ('do' in sms && sms.do !== 'wait') return sms;
  if (revocation.do !== 'wait') return revocation;
  const smsUntil = 'outcome' in sms ? Infinity : (sms.until ?? Infinity);
  return waitUntil(Math.min(smsUntil, revocation.until ?? Infinity));
}

/** Undefined if there is nothing to revoke, or no more. */
function nextStep(facts: Facts, plan: Plan, now: Instant): Step | undefined {
  const { rcs } = facts;
  if (isDelivered(rcs) || !mayGetThrough(rcs)) return undefined;
  if (rcs.cancelledAt !== undefined) {
    const step = decideRevocation(facts, plan, now);
    return typeof step === 'string' ? undefined : step;
  }
  if (confirmation(rcs) !== undefined) return undefined;
  const droppedAt = droppedAtFor(rcs, plan);
  // RBM's TTL event, or a DELIVERED of the last moment, comes a little after that.
  const until = droppedAt + plan.grace;
  if (now >= until) return undefined;
  if (now >= droppedAt || rcs.deletingSince !== undefined) return waitUntil(until);
  const longest = longestPause(droppedAt - revokeDueAt(rcs), LONGEST_PAUSE);
  const next = nextDeleteAt(revocationMode(rcs, plan), rcs, plan, longest);
  if (next >= droppedAt) return waitUntil(until);
  return now < next
    ? waitUntil(next)
    : { do: 'revoke', timeout: revokeTimeout(plan), startWithin: revokeTimeout(plan) };
}

/** RBM's own expireTime. What a create asked for is not known if its worker crashed, or a run before made it. */
const droppedAtFor = (rcs: Rcs, plan: Plan): Instant =>
  Math.max(rcs.queuedUntil ?? platformExpiry(plan, plan.expiresAt), openCreateExpiresAt(rcs));

const openCreateExpiresAt = ({ create, created }: Rcs): Instant =>
  create === 'ended' ? -Infinity : (created?.platformExpiresAt ?? -Infinity);
