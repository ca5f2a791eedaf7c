import { SECOND } from '../contract/duration.js';
import { backoff, longestPause } from './backoff.js';
import type { Facts } from './delivery.js';
import { lastWokeLateAt } from './late.js';
import type { Instant, Plan } from './plan.js';
import { mayGetThrough } from './rcs.js';
import { decideRevocation } from './revocation.js';
import type { Sms, Unanswered } from './sms-facts.js';
import { PROOF, smsState } from './sms-state.js';
import { waitForEvidence, waitUntil, type Step } from './step.js';

/**
 * After a request that did not clearly succeed: ask the provider, or try again, until the time for that is over
 * (`givenUp`). `inconclusive`: later evidence contradicts the confirmed revocation that `hold` needs (G6).
 */
export function decideRepeat(facts: Facts, plan: Plan, now: Instant): Step | 'givenUp' | 'inconclusive' {
  const { sms } = facts;
  const givesUpAt = givesUpAtFor(facts, plan);
  if (now >= givesUpAt) return 'givenUp';
  if (sms.underWay?.action === 'reconciliation') return waitForEvidence;
  const { lastAnswer, unanswered } = sms;
  // After a refusal only a receipt can still show what became of an earlier request.
  if (lastAnswer === undefined || lastAnswer.answer === 'refused') return waitUntil(givesUpAt);
  if (unanswered !== undefined && smsState(sms, plan) === 'maybe' && !mayRepeat(unanswered)) {
    return decideReconciliation(sms, unanswered, plan, now, givesUpAt);
  }
  const pause = backoff(sms.answers, longestPause(plan.smsValidity, 60 * SECOND));
  const next = lastAnswer.at + Math.max(lastAnswer.retryAfter ?? 0, pause);
  return now < next ? waitUntil(Math.min(next, givesUpAt)) : repeat(facts, plan, now, givesUpAt);
}

/** Under `hold` the first request had a confirmed revocation, but later evidence may contradict it (G6). */
function repeat(facts: Facts, plan: Plan, now: Instant, givesUpAt: Instant): Step | 'inconclusive' {
  const needsConfirmation = plan.whenUncertain === 'hold' && mayGetThrough(facts.rcs);
  const step = needsConfirmation ? decideRevocation(facts, plan, now) : 'revoked';
  if (step === 'revoked') return { do: 'sendSms' };
  if (step === 'inconclusive' || step.do !== 'wait') return step;
  return waitUntil(Math.min(step.until ?? Infinity, givesUpAt));
}

/** After this many requests that no worker picked up, `sendTimeout` starts to count anyway. */
const NOT_STARTED_UNTIL_COUNTED = 6;

/**
 * When a failing SMS is given up: `sendTimeout` after the first request that a worker picked up, or after a later
 * outage.
 */
function givesUpAtFor(facts: Facts, plan: Plan): Instant {
  const { firstBegunAt, answers, requestedAt = 0 } = facts.sms;
  if (firstBegunAt === undefined && answers < NOT_STARTED_UNTIL_COUNTED) return Infinity;
  const since = firstBegunAt ?? requestedAt;
  return Math.max(since, lastWokeLateAt(facts, since)) + plan.smsValidity;
}

/**
 * G2: at most one SMS is accepted, so a repeat needs an idempotency key of the provider that did not answer. A provider
 * that was configured later can't give one.
 */
const mayRepeat = ({ repeatable, saidRepeatable }: Unanswered): boolean => repeatable ?? saidRepeatable;

/** The first request's time may be a worker's (docs/decisions/0006), whose clock may be ahead of the provider's. */
const CLOCK_TOLERANCE = 300 * SECOND;

function decideReconciliation(
  { requestedAt = 0 }: Sms,
  { at, lastReconciledAt, reconciliations }: Unanswered,
  plan: Plan,
  now: Instant,
  givesUpAt: Instant,
): Step {
  const next =
    lastReconciledAt === undefined
      ? at + PROOF[plan.whenUncertain].after
      : lastReconciledAt + backoff(reconciliations, 300 * SECOND, 10 * SECOND);
  if (now < next) return waitUntil(Math.min(next, givesUpAt));
  // An SMS from before this delivery started belongs to another one, even with the same text.
  return { do: 'reconcileSms', sentAfter: Math.max(plan.startedAt, requestedAt - CLOCK_TOLERANCE) };
}
