import type { MessageDeliveryResult } from '../../src/contract/status.js';
import type { MessageTruth } from '../simulator/truth.js';

/** What the phone really got, such as `RCS and SMS ×2`. */
export function phoneGot({ rcs, smsDelivered }: MessageTruth): string {
  const got = [rcs > 0 && times('RCS', rcs), smsDelivered > 0 && times('SMS', smsDelivered)].filter(Boolean);
  return got.length === 0 ? 'nothing' : got.join(' and ');
}
const times = (what: string, count: number) => (count === 1 ? what : `${what} ×${String(count)}`);

/** Whether the outcome matches what the phone got. A duplicate agrees only if the result records it. */
export function agrees({ outcome, duplicate }: MessageDeliveryResult, truth: MessageTruth): boolean {
  const { rcs, sms, smsDelivered } = truth;
  if (rcs > 1 || sms > 1) return false;
  switch (outcome) {
    case 'DELIVERED':
      return rcs === 1 && (sms === 1) === duplicate;
    case 'DELIVERED_BY_SMS':
      return rcs === 0 && smsDelivered === 1;
    case 'SENT_BY_SMS':
      return rcs === 0 && sms === 1;
    case 'REVOKED':
    case 'UNDELIVERABLE':
      return rcs === 0 && smsDelivered === 0;
    case 'SUPPRESSED':
      return rcs === 0 && sms === 0;
    case 'CANCELLED':
    case 'UNCERTAIN':
      return sms === 0;
  }
}
