import { allOf, has, lastOf, type Delivery } from './evidence.js';
import { confirmedAt } from './revocation.js';
import { mayGetThrough } from './sending.js';
import { receipt, smsState } from './sms-leg.js';

/** What is known of a delivery whose end is not: of RBM's message, and of the SMS. One sentence for people. */
export function uncertaintyOf(delivery: Delivery): string {
  return `${rcsLeg(delivery)}; ${smsLeg(delivery)}.`;
}

function rcsLeg(delivery: Delivery): string {
  if (!mayGetThrough(delivery)) return 'RBM never took the message';
  const accepted = allOf(delivery, 'sendAnswered').some(({ answer }) => answer === 'accepted');
  return `RBM ${accepted ? 'accepted' : 'may have got'} the message, ${takenBack(delivery, accepted)}`;
}

function takenBack(delivery: Delivery, accepted: boolean): string {
  if (confirmedAt(delivery) !== undefined) return 'which was taken back';
  switch (lastOf(delivery, 'revokeAnswered')?.answer) {
    case 'notFound':
      return accepted
        ? 'and did not have it any more when it was to be taken back, perhaps because it was delivered'
        : 'and did not have it when it was to be taken back: it never got there, or was delivered';
    case 'revoked':
      return 'and whether it was taken back is not sure';
    case 'refused':
    case 'failed':
    case 'unanswered':
      return 'which could not be taken back';
    case undefined:
      return has(delivery, 'revokeStarted') ? 'which could not be taken back' : 'which was not taken back';
  }
}

function smsLeg(delivery: Delivery): string {
  if (!has(delivery, 'smsRequested')) return 'no SMS was sent';
  if (receipt(delivery) === 'UNDELIVERED') return 'the SMS did not arrive';
  switch (smsState(delivery)) {
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
