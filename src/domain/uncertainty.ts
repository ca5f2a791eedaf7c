import { readableDuration } from '../contract/duration.js';
import type { Delivery } from './delivery.js';
import { confirmation, mayGetThrough } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import type { Plan } from './plan.js';
import type { Sms } from './sms-facts.js';
import { inDoubt, receiptOf, smsState } from './sms-state.js';

/**
 * What is known of a delivery that settled as UNCERTAIN: of RBM's message and of the SMS, what ended it, and what to do.
 * Sentences for people.
 */
export function uncertaintyOf(delivery: Delivery): string {
  return `${aboutRcs(delivery.facts.rcs)}; ${aboutSms(delivery)}. ${endAndAdvice(delivery)}`;
}

function endAndAdvice({ facts: { rcs, sms }, plan }: Delivery): string {
  if (mayHaveSentSms(sms, plan)) return `No provider could say whether it was sent. ${LOOK_UP}`;
  if (rcs.optedOutAt !== undefined) return 'The person opted out, so there is nothing to do.';
  if (sms.requestedAt === undefined) {
    return `No revocation was confirmed within ${readableDuration(plan.holdTimeout)}. ${IF_NEEDED}`;
  }
  const why = receiptOf(sms) === 'UNDELIVERED' ? 'Its receipt says so.' : 'Nobody accepted it while it was of use.';
  return `${why} ${IF_NEEDED}`;
}

/** An SMS request has no clear answer, of this run or of one before. */
function mayHaveSentSms(sms: Sms, plan: Plan): boolean {
  if (sms.requestedAt === undefined) return inDoubt(sms, plan) !== undefined;
  const state = smsState(sms, plan);
  return receiptOf(sms) === undefined && (state === 'maybe' || state === 'running');
}

const IF_NEEDED = 'If the person must have the text, send it another way: they may then get it twice.';
const LOOK_UP = 'Look for the SMS at the provider before you send it another way.';

function aboutRcs(rcs: Rcs): string {
  if (!mayGetThrough(rcs)) return 'RBM never accepted the message';
  const start = rcs.createAnswers.accepted ? 'RBM accepted the message' : 'RBM may have accepted the message';
  return `${start}${aboutRevocation(rcs)}`;
}

function aboutRevocation(rcs: Rcs): string {
  if (confirmation(rcs) !== undefined) return ', which was revoked';
  switch (rcs.lastDelete?.answer) {
    case 'notFound':
      return rcs.createAnswers.accepted
        ? ' and no longer had it at the revocation, perhaps because it was delivered'
        : ' and did not have it at the revocation: it was delivered, or never accepted';
    case 'revoked':
      return ', and it is not certain that it was revoked';
    case 'refused':
    case 'failed':
    case 'unanswered':
      return ', which could not be revoked';
    case undefined:
      return rcs.deletingSince === undefined ? ', which was not revoked' : ', which could not be revoked';
  }
}

function aboutSms({ facts: { sms }, plan }: Delivery): string {
  if (sms.requestedAt === undefined)
    return inDoubt(sms, plan) === undefined ? 'no SMS was sent' : 'another run may have sent the SMS';
  if (receiptOf(sms) === 'UNDELIVERED') return 'the SMS did not arrive';
  switch (smsState(sms, plan)) {
    case 'accepted':
      return 'the SMS was sent';
    case 'running':
    case 'maybe':
      return 'the SMS may have been sent';
    case 'refused':
    case 'notSent':
      return 'the SMS could not be sent';
  }
}
