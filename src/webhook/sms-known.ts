import type { ClosedResult } from './closed-result.js';

/** Whether the phone got the SMS, or may have got it, as far as the delivery knew when it ended. */
export function mayHaveSms({ outcome, sms, timeline = [] }: ClosedResult): boolean {
  switch (outcome) {
    case 'DELIVERED_BY_SMS':
    case 'SENT_BY_SMS':
      return true;
    case 'UNCERTAIN':
    case 'CANCELLED':
      if (sms === undefined || sms.receipt === 'UNDELIVERED') return false;
      return sms.receipt !== undefined || sms.providerMessageId !== undefined || isUnanswered(timeline);
    case 'DELIVERED':
    case 'REVOKED':
    case 'UNDELIVERABLE':
      return false;
  }
}

/** A request that the provider did not answer, and of which it did not say afterwards that it has nothing. */
function isUnanswered(timeline: NonNullable<ClosedResult['timeline']>): boolean {
  const said = timeline.map(({ event, detail = '' }) => `${event} ${detail}`);
  const last = said.findLastIndex((line) => line.startsWith('smsAnswered unanswered'));
  return last !== -1 && !said.slice(last).includes('smsReconciled no');
}
