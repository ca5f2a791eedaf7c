import type { ClosedResult } from './closed-result.js';

/** Whether the phone got the SMS, or may have got it, as far as the delivery knew when it settled. */
export function mayHaveSms({ outcome, sms }: ClosedResult): boolean {
  switch (outcome) {
    case 'DELIVERED_BY_SMS':
    case 'SENT_BY_SMS':
      return true;
    case 'UNCERTAIN':
    case 'CANCELLED':
      return sms !== undefined && sms.receipt !== 'UNDELIVERED' && sms.accepted !== 'no';
    case 'DELIVERED':
    case 'REVOKED':
    case 'UNDELIVERABLE':
    case 'SUPPRESSED':
      return false;
  }
}
