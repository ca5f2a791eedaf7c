import { SECOND } from '../contract/duration.js';
import type { SmsReceipt } from './evidence.js';
import type { Plan } from './plan.js';
import type { Sms, Unanswered } from './sms-facts.js';

/**
 * How far the SMS got. `maybe`: the provider did not answer, so it may be on its way. `refused`: it will never be sent.
 * `notSent`: it was not sent so far.
 */
export type SmsState = 'running' | 'accepted' | 'refused' | 'notSent' | 'maybe';

export function smsState(sms: Sms, plan: Plan): SmsState {
  if (receiptOf(sms) !== undefined) return 'accepted';
  if (sms.underWay?.action === 'request') return 'running';
  if (sms.accepted) return 'accepted';
  // A refusal does not clear this: a gateway may refuse a repeat before it looks at the idempotency key, and so says
  // nothing about the request that went unanswered.
  if (inDoubt(sms, plan) !== undefined) return 'maybe';
  const last = sms.lastAnswer?.answer;
  return last === 'refused' || last === 'expired' ? 'refused' : 'notSent';
}

/**
 * The unanswered request of which it is not proved that it sent nothing. Only its provider may repeat it, or knows what
 * became of it (G2).
 */
export function inDoubt({ unanswered }: Sms, plan: Plan): Unanswered | undefined {
  if (unanswered === undefined) return undefined;
  return isNotFound(unanswered, plan) && unanswered.repeatableBy === undefined ? undefined : unanswered;
}

/** The providers that were asked, except `repeatableBy`, have said often enough that they have no such SMS. */
const isNotFound = ({ foundNothing }: Unanswered, plan: Plan): boolean =>
  foundNothing >= PROOF[plan.whenUncertain].times;

/**
 * G2: at most one SMS is accepted, so a repeat needs an idempotency key of the provider that did not answer. A provider
 * that was configured later can't give one.
 */
export function mayRepeat(unanswered: Unanswered, plan: Plan): boolean {
  const { repeatable, saidRepeatable, repeatableBy } = unanswered;
  return repeatable ?? (saidRepeatable || (repeatableBy !== undefined && isNotFound(unanswered, plan)));
}

/** The only provider that may be asked for the SMS now; undefined if any may, or if it is not known. */
export function onlyProvider(sms: Sms, plan: Plan): string | undefined {
  const unanswered = inDoubt(sms, plan);
  if (unanswered === undefined) return undefined;
  return unanswered.provider ?? (mayRepeat(unanswered, plan) ? unanswered.repeatableBy : undefined);
}

/** Receipts may come in any order: the first status in this list that came counts. */
const FINAL_FIRST: readonly SmsReceipt[] = ['DELIVERED', 'UNDELIVERED', 'SENT'];

/** The receipt that counts. Undefined if there is none. */
export function receiptOf({ requestedAt, receipts }: Sms): SmsReceipt | undefined {
  return requestedAt === undefined ? undefined : FINAL_FIRST.find((status) => receipts.includes(status));
}

/**
 * What proves that an unanswered request sent nothing: the provider says so this many `times`, first asked `after`
 * milliseconds from the request. That is longer than a request can take, so a paused worker's late request is found
 * too. Under `hold` a duplicate is worse than no message, so the provider is asked twice.
 */
export const PROOF = { send: { after: 20 * SECOND, times: 1 }, hold: { after: 60 * SECOND, times: 2 } } as const;
