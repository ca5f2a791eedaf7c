import type { Delivery } from './delivery.js';
import { confirmation, mayGetThrough } from './rcs.js';
import type { Rcs } from './rcs-facts.js';
import { inDoubt, receiptOf, smsState } from './sms-state.js';

/** What is known of a delivery that settled as UNCERTAIN: of RBM's message, and of the SMS. A sentence for people. */
export function uncertaintyOf(delivery: Delivery): string {
  return `${aboutRcs(delivery.facts.rcs)}; ${aboutSms(delivery)}.`;
}

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
