import { SECOND } from '../contract/duration.js';
import { backoff } from './backoff.js';
import type { Facts } from './delivery.js';
import { MAX_TTL_MS } from '../contract/rbm.js';
import type { SmsAnswered } from './evidence.js';
import type { Instant, Plan } from './plan.js';
import { isHeld, mayGetThrough } from './rcs.js';
import { decideRevocation } from './revocation.js';
import type { Sms, Unanswered } from './sms-facts.js';
import { inDoubt, mayRepeat, PROOF, smsState } from './sms-state.js';
import { waitForEvidence, waitUntil, type Step } from './step.js';

/**
 * After a request that did not clearly succeed: ask the provider, or request it again, as long as the SMS is of use
 * (G12). After that it is `givenUp`. `inconclusive`: later evidence contradicts the confirmation that `hold` needs (G6).
 */
export function decideRepeat(facts: Facts, plan: Plan, now: Instant): Step | 'givenUp' | 'inconclusive' {
  const { sms } = facts;
  // Another run may have requested it, and this one has not: then it is of use from now on.
  const since = sms.requestedAt ?? sms.unanswered?.askedAt ?? now;
  const validUntil = since + plan.smsValidity;
  if (sms.underWay?.action === 'reconciliation') return waitForEvidence;
  const { lastAnswer, unanswered } = sms;
  if (unanswered !== undefined && smsState(sms, plan) === 'maybe' && !mayRepeat(unanswered, plan)) {
    const asksFrom = sms.requestedAt === undefined ? since : unanswered.at;
    const givesUpAt = Math.max(validUntil, asksFrom + SHORTEST_RECONCILIATION);
    return now < givesUpAt ? decideReconciliation(facts, unanswered, plan, now, givesUpAt) : 'givenUp';
  }
  if (now >= validUntil) return 'givenUp';
  // After a refusal only a receipt can still show what became of an earlier request.
  if (lastAnswer?.answer === 'refused') return waitUntil(validUntil);
  const next = lastAnswer === undefined ? now : lastAnswer.at + pauseAfter(sms, lastAnswer, plan);
  return now < next ? waitUntil(Math.min(next, validUntil)) : repeat(facts, plan, now, validUntil);
}

/** Until when the SMS is of use, from its first request on: no request is made after that (G12). */
export const smsValidUntil = ({ requestedAt = 0 }: Sms, plan: Plan): Instant => requestedAt + plan.smsValidity;

/** How long the provider is asked about an unanswered request at least, however short the SMS is of use. Milliseconds. */
const SHORTEST_RECONCILIATION = 300 * SECOND;

/** Another provider is asked at once. An SMS that is of use for hours is requested some sixty times. */
function pauseAfter(sms: Sms, { retryAfter = 0 }: Pick<SmsAnswered, 'retryAfter'>, plan: Plan): number {
  if (sms.nextProvider && inDoubt(sms, plan) === undefined) return 0;
  return Math.max(retryAfter, backoff(sms.answers, Math.max(60 * SECOND, plan.smsValidity / 50)));
}

/** Under `hold` the first request had a confirmed revocation, but later evidence may contradict it (G6). */
function repeat(facts: Facts, plan: Plan, now: Instant, validUntil: Instant): Step | 'inconclusive' {
  const needsConfirmation = isHeld(facts.rcs, plan) && mayGetThrough(facts.rcs);
  const step = needsConfirmation ? decideRevocation(facts, plan, now) : 'revoked';
  if (step === 'revoked') return { do: 'sendSms' };
  if (step === 'inconclusive' || step.do !== 'wait') return step;
  return waitUntil(Math.min(step.until ?? Infinity, validUntil));
}

/** The first request's time may be a worker's (docs/decisions/0006), whose clock may be ahead of the provider's. */
const CLOCK_TOLERANCE = 300 * SECOND;

function decideReconciliation(
  { rcs, sms: { requestedAt } }: Facts,
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
  if (requestedAt === undefined && rcs.sentByAnotherRun)
    return { do: 'reconcileSms', sentAfter: plan.startedAt - MAX_TTL_MS };
  // An SMS from before this delivery started belongs to another one, even with the same text.
  return { do: 'reconcileSms', sentAfter: Math.max(plan.startedAt, (requestedAt ?? 0) - CLOCK_TOLERANCE) };
}
