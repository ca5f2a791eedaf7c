import { SECOND } from '../contract/duration.js';
import type { Outcome } from '../contract/status.js';
import { backoff, longestPause } from './backoff.js';
import type { Step } from './decide.js';
import { allOf, has, isRunning, lastOf, type Delivery, type Evidence } from './evidence.js';
import type { Instant } from './plan.js';
import { wokenAt } from './outages.js';
import { confirmedAt, decideRevocation, waitUntil } from './revocation.js';
import { mayGetThrough } from './sending.js';
import { isCancelled } from './taking-back.js';

/** DELIVERED, READ and a reply all prove that the phone has the RCS message. */
export const isDelivered = (delivery: Delivery) => has(delivery, 'delivered', 'read', 'replied');

/** How far the SMS got. `maybe`: the provider did not say, so it may be on its way. */
export type SmsState = 'running' | 'accepted' | 'refused' | 'notSent' | 'maybe';

export function smsState(delivery: Delivery): SmsState {
  if (receipt(delivery) !== undefined) return 'accepted';
  const last = lastOf(delivery, 'smsRequested', 'smsAnswered', 'smsReconciled', 'smsReconciliationStarted');
  if (last?.kind === 'smsRequested') return 'running';
  const answer = lastOf(delivery, 'smsAnswered')?.answer;
  if (answer === 'accepted') return answer;
  if (lastOf(delivery, 'smsReconciled')?.found === 'yes') return 'accepted';
  // Before a refusal, too: a gateway may refuse a repeat before it looks at the idempotency key, so that says nothing about
  // the request that it repeats.
  if (everMaybeSent(delivery) && !isProvedAbsent(delivery)) return 'maybe';
  return answer === 'refused' ? 'refused' : 'notSent';
}

const FINAL_FIRST = ['DELIVERED', 'UNDELIVERED', 'SENT'] as const;

/** The provider's last word. A receipt before our request can't be about it. */
export function receipt(delivery: Delivery): 'SENT' | 'DELIVERED' | 'UNDELIVERED' | undefined {
  const requested = delivery.evidence.findIndex(({ kind }) => kind === 'smsRequested');
  if (requested === -1) return undefined;
  const receipts = allOf({ ...delivery, evidence: delivery.evidence.slice(requested) }, 'smsStatus');
  // They may come in any order: a final one beats SENT.
  return FINAL_FIRST.find((status) => receipts.some((item) => item.status === status));
}

/** The SMS leg, from its first request on. */
export function decideSms(delivery: Delivery, now: Instant): Step {
  const state = smsState(delivery);
  if (state === 'running') return whileRequesting(delivery);
  if (isDelivered(delivery)) return settle('DELIVERED');
  if (state === 'refused') return settleUndeliverable(delivery, now);
  if (state === 'accepted') return decideReceipt(delivery, now);
  if (isCancelled(delivery)) return settleCancelled(delivery, now);
  return decideRepeat(delivery, now, state);
}

/** A request that nobody has begun to work on can still be called off; one under way can't. */
function whileRequesting(delivery: Delivery): Step {
  const unwanted = isDelivered(delivery) || isCancelled(delivery);
  if (unwanted && !has(delivery, 'smsStopRequested')) return { do: 'stopSms' };
  return { do: 'wait', until: null };
}

function decideReceipt(delivery: Delivery, now: Instant): Step {
  const status = receipt(delivery);
  if (status === 'DELIVERED') return settle('DELIVERED_BY_SMS');
  if (status === 'UNDELIVERED') return settleUndeliverable(delivery, now);
  if (isCancelled(delivery)) return settleCancelled(delivery, now);
  const acceptedAt = smsAcceptedAt(delivery);
  const until = Math.max(acceptedAt, wokenAt(delivery, acceptedAt)) + delivery.plan.smsReceiptTimeout;
  return now < until ? { do: 'wait', until } : settle('SENT_BY_SMS');
}

/** Cancelled in the SMS leg: the RCS message may still be queued, so it is taken back before that is the outcome. */
function settleCancelled(delivery: Delivery, now: Instant): Step {
  const step = mayGetThrough(delivery) ? decideRevocation(delivery, now) : 'revoked';
  return typeof step === 'string' ? settle('CANCELLED') : step;
}

function smsAcceptedAt(delivery: Delivery): Instant {
  return (lastOf(delivery, 'smsAnswered', 'smsReconciled') ?? lastOf(delivery, 'smsRequested'))?.at ?? 0;
}

/** After a request that did not clearly succeed: ask the provider, or try again, until the time for that is over. */
function decideRepeat(delivery: Delivery, now: Instant, state: 'notSent' | 'maybe'): Step {
  const givingUp = givingUpAt(delivery, now);
  if (now >= givingUp) return state === 'maybe' ? settle('UNCERTAIN') : settleUndeliverable(delivery, now);
  if (isRunning(delivery, 'smsReconciliationStarted', 'smsReconciled')) return { do: 'wait', until: null };
  const answers = allOf(delivery, 'smsAnswered');
  const last = answers.at(-1);
  // Nothing but a receipt can still tell what became of the request before a refused one.
  if (last === undefined || last.answer === 'refused') return waitUntil(givingUp);
  if (state === 'maybe' && !mayRepeat(delivery)) return decideReconciliation(delivery, now, givingUp);
  const next =
    last.at +
    Math.max(last.retryAfter ?? 0, backoff(answers.length, longestPause(delivery.plan.smsSendTimeout, 60 * SECOND)));
  if (now < next) return { do: 'wait', until: Math.min(next, givingUp) };
  return repeatSms(delivery, now, givingUp);
}

/** So often an SMS is decided anew that no worker began to send, before its time counts. */
const MOST_NOT_STARTED = 6;

/** When a failing SMS is given up. Its time counts from the first request that a worker began, and anew after an outage. */
function givingUpAt(delivery: Delivery, now: Instant): Instant {
  const begun = allOf(delivery, 'smsRequested').find((request) => !wasNotStarted(delivery, request));
  const tries = allOf(delivery, 'smsAnswered').length;
  if (begun === undefined && tries < MOST_NOT_STARTED) return Infinity;
  const first = begun?.at ?? allOf(delivery, 'smsRequested')[0]?.at ?? now;
  return Math.max(first, wokenAt(delivery, first)) + delivery.plan.smsSendTimeout;
}

function wasNotStarted({ evidence }: Delivery, request: Evidence): boolean {
  const answer = evidence.slice(evidence.indexOf(request)).find(({ kind }) => kind === 'smsAnswered');
  return answer?.kind === 'smsAnswered' && answer.answer === 'notStarted';
}

/** Under `hold` the first request had a confirmed revocation; what came since may contradict it (G6). */
function repeatSms(delivery: Delivery, now: Instant, givingUp: Instant): Step {
  const { whenUncertain } = delivery.plan;
  const step = whenUncertain === 'hold' && mayGetThrough(delivery) ? decideRevocation(delivery, now) : 'revoked';
  if (step === 'revoked') return { do: 'sendSms' };
  if (step === 'inconclusive') return settle('UNCERTAIN');
  return step.do === 'wait' ? waitUntil(Math.min(step.until ?? Infinity, givingUp)) : step;
}

/**
 * How long after an unanswered request the provider is asked whether it has it. Longer than a request can take, so that
 * a paused worker's late request shows; `hold` asks twice, since for it a duplicate is the greater evil.
 */
const PROOF = { send: { after: 20 * SECOND, times: 1 }, hold: { after: 60 * SECOND, times: 2 } } as const;

function decideReconciliation(delivery: Delivery, now: Instant, givingUp: Instant): Step {
  const asked = sinceUnanswered(delivery);
  const { after } = PROOF[delivery.plan.whenUncertain];
  const unanswered = lastUnanswered(delivery)?.at ?? now;
  const lastAsked = asked.at(-1)?.at;
  const next =
    lastAsked === undefined ? unanswered + after : lastAsked + backoff(asked.length, 300 * SECOND, 10 * SECOND);
  if (now < next) return { do: 'wait', until: Math.min(next, givingUp) };
  const requested = allOf(delivery, 'smsRequested')[0]?.at ?? now;
  // What was sent before this delivery began is another's, however alike.
  return { do: 'reconcileSms', sentAfter: Math.max(delivery.plan.startedAt, requested - CLOCKS) };
}

/** The request's time may be a worker's (docs/decisions/0006), whose clock may be ahead of the provider's. */
const CLOCKS = 300 * SECOND;

const lastUnanswered = (delivery: Delivery) =>
  allOf(delivery, 'smsAnswered').findLast(({ answer }) => answer === 'unanswered');

function sinceUnanswered(delivery: Delivery) {
  const unanswered = lastUnanswered(delivery);
  const from = unanswered === undefined ? 0 : delivery.evidence.indexOf(unanswered);
  return allOf({ ...delivery, evidence: delivery.evidence.slice(from) }, 'smsReconciled');
}

const everMaybeSent = (delivery: Delivery) => lastUnanswered(delivery) !== undefined;

/** At most one SMS (G2): a repeat needs an idempotency key, or the provider's word that it has nothing. */
function mayRepeat(delivery: Delivery): boolean {
  const repeatable = lastUnanswered(delivery)?.repeatable;
  // A `no` of the provider that was asked is not overruled by the `yes` of another one that took its place.
  return repeatable ?? sinceUnanswered(delivery).some(({ found }) => found === 'repeatable');
}

/** Who did not answer, as far as it is known: no other provider may repeat the request, or tell what became of it. */
export const unansweredBy = (delivery: Delivery): string | undefined => lastUnanswered(delivery)?.provider;

function isProvedAbsent(delivery: Delivery): boolean {
  const { times } = PROOF[delivery.plan.whenUncertain];
  return sinceUnanswered(delivery).filter(({ found }) => found === 'no').length >= times;
}

/** The SMS failed for good. Whether the phone has the RCS message is certain only if RBM never had it or gave it back. */
function settleUndeliverable(delivery: Delivery, now: Instant): Step {
  if (isDelivered(delivery)) return settle('DELIVERED');
  if (isCancelled(delivery)) return settleCancelled(delivery, now);
  return settle(!mayGetThrough(delivery) || confirmedAt(delivery) !== undefined ? 'UNDELIVERABLE' : 'UNCERTAIN');
}

const settle = (outcome: Outcome): Step => ({ do: 'settle', outcome });
