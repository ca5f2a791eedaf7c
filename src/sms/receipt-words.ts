import type { MessageInstance } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { SmsReceipt, SmsReceiptStatus } from './sms-receipts.js';

/** What a provider's word for a state means. `open`: known, but it does not say what becomes of the SMS. */
export type WordMeaning = SmsReceiptStatus | 'open';

/** Twilio's `MessageStatus`: every value that its library knows. */
export const TWILIO_STATUSES = {
  accepted: 'open',
  scheduled: 'open',
  queued: 'open',
  sending: 'open',
  sent: 'SENT',
  // Of a message to several people, or in several parts: it was sent, and it is not proved that all of it arrived.
  partially_delivered: 'SENT',
  delivered: 'DELIVERED',
  read: 'DELIVERED',
  undelivered: 'UNDELIVERED',
  failed: 'UNDELIVERED',
  canceled: 'UNDELIVERED',
  // Of messages to the account.
  receiving: 'open',
  received: 'open',
} as const satisfies Readonly<Record<MessageInstance['status'], WordMeaning>>;

/** The `status` of an `http` gateway's receipts: this project's words, and those of SMPP and of many gateways. */
export const HTTP_STATUSES = {
  accepted: 'open',
  queued: 'open',
  scheduled: 'open',
  pending: 'open',
  sending: 'open',
  unknown: 'open',
  sent: 'SENT',
  submitted: 'SENT',
  acceptd: 'SENT',
  enroute: 'SENT',
  delivered: 'DELIVERED',
  delivrd: 'DELIVERED',
  read: 'DELIVERED',
  undelivered: 'UNDELIVERED',
  undeliverable: 'UNDELIVERED',
  undeliv: 'UNDELIVERED',
  failed: 'UNDELIVERED',
  rejected: 'UNDELIVERED',
  rejectd: 'UNDELIVERED',
  expired: 'UNDELIVERED',
  deleted: 'UNDELIVERED',
  canceled: 'UNDELIVERED',
  cancelled: 'UNDELIVERED',
} as const satisfies Readonly<Record<string, WordMeaning>>;

/** Reads a status in whatever letter case, with spaces around it, or with spaces or dashes between its words. */
export function readStatus(
  words: Readonly<Record<string, WordMeaning>>,
  given: string,
): Pick<SmsReceipt, 'status' | 'unknownStatus'> & { readonly word: string } {
  const word = given
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const meaning = Object.hasOwn(words, word) ? words[word] : undefined;
  if (meaning === undefined) return { status: undefined, unknownStatus: given, word: 'unknown' };
  return { status: meaning === 'open' ? undefined : meaning, word };
}

/** A gateway's word as it may be logged. One in another form is not: it may hold a number or a text. */
export const printableWord = (word: string): string | undefined => (WORD.test(word) ? word : undefined);
const WORD = /^\s?[A-Za-z][A-Za-z_-]{0,31}\s?$/;
