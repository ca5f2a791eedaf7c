import type { SmsReason } from '../contract/failures.js';
import { causeOf, isInDoubt } from './sms-exchange.js';
import type { SmsErrorCause } from './sms-error.js';

/**
 * Twilio's error codes, by what they mean for the SMS, with their titles in Twilio's "Error and Warning Dictionary" in
 * short. Only codes that a request can be answered with; others come in receipts. docs/sms-providers.md is generated
 * from this table and explains the choices.
 */
export const TWILIO_CODES = {
  recipient: {
    21211: 'not a phone number',
    21265: 'a short code',
    21266: 'the number of the sender',
    21268: 'a premium rate or information service number',
    21614: 'not a mobile number',
    21635: 'a landline',
  },
  optedOut: {
    21610: 'the person stopped the messages of this sender',
  },
  content: {
    21602: 'no text',
    21605: 'a text that is too long for the former API',
    21617: 'a text that is too long',
    21619: 'neither text nor media',
    21658: 'a parameter that is too long',
  },
  account: {
    10001: 'the account is not active',
    20003: 'wrong credentials, or a suspended account',
    20005: 'the account is not active',
    20006: 'access denied',
    20403: 'the account may not use the API',
    20404: 'there is no such account',
    21408: 'SMS to that country are not enabled',
    21608: 'a trial account sends to verified numbers only',
    21609: 'Twilio cannot use the status callback URL',
    21624: 'a wrong validity period',
    30002: 'the account is suspended',
    63038: "the account's daily limit",
    70051: 'the API key lacks a permission',
    572005: 'a trial account sends to verified numbers only',
  },
  sender: {
    21212: 'not a valid sender',
    21267: 'no alphanumeric sender on a trial account',
    21401: 'not an SMS-capable sender',
    21601: 'not an SMS-capable number of the account',
    21603: 'no sender',
    21606: 'not a sender for this destination and account',
    21607: 'a trial account sends from its own number only',
    21612: 'this sender does not reach this number',
    21616: 'several numbers of the account match',
    21659: 'not a number of Twilio, or a short code of another country',
    21660: 'a number of another account',
    21661: 'not an SMS-capable number',
    21701: 'no such messaging service',
    21703: 'the messaging service has no sender',
    21704: 'the messaging service has no sender',
    21705: 'not a messaging service',
    30024: 'the sender is not provisioned at the carrier',
    30032: 'a toll-free number that is not verified',
    30034: 'a number that is not registered',
    30042: 'a sender that is blocked as generic',
    30127: 'not a messaging service',
    572002: 'not the trial number of this recipient',
  },
  throttled: {
    14107: 'too many messages between two numbers',
    20429: 'too many requests',
    21611: "the sender's queue is full",
    30001: 'the queue is full',
    30022: 'faster than the carriers allow',
    63017: 'faster than the account may send',
  },
} as const satisfies Partial<Record<SmsReason, Readonly<Record<number, string>>>>;

const REASON_OF: ReadonlyMap<number, SmsReason> = new Map(
  (Object.keys(TWILIO_CODES) as (keyof typeof TWILIO_CODES)[]).flatMap((reason) =>
    Object.keys(TWILIO_CODES[reason]).map((code) => [Number(code), reason] as const),
  ),
);

/**
 * What a Twilio error means for the SMS. An unknown 21xxx with another status than 429 is about this message: Twilio keeps
 * splitting its codes for invalid numbers into more precise ones (its changelog of 10 July 2024).
 */
export function twilioCause(httpStatus: number, code = 0): SmsErrorCause {
  if (isInDoubt(httpStatus)) return { kind: 'unanswered' };
  const reason = REASON_OF.get(code);
  if (reason !== undefined) return { reason };
  if (code >= 21000 && code <= 21999 && httpStatus !== 429) return { reason: 'recipient' };
  return causeOf(httpStatus);
}
