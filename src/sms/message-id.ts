import { MAX_EVENT_ID } from '../contract/messages.js';
import { redactText } from '../observability/redact.js';

/** Printable ASCII without spaces. */
const FORM = /^[\x21-\x7e]+$/;
/** The longest id of an SMS, in characters. */
const LONGEST = 128;
/** So many digits at the end of a number name its owner, in whatever way the number is written. */
const TELLING_DIGITS = 8;

/**
 * A provider's id, if it can be kept; otherwise an empty text. It becomes part of the history, the status and the log, so
 * an id that has or may have a phone number or a secret in it is not kept. `to` is the number that must not be in it.
 */
export function usableId(id: string, to = '', longest = LONGEST): string {
  const number = to.replace(/\D/g, '').slice(-TELLING_DIGITS);
  const isNumberIn = number.length === TELLING_DIGITS && id.replace(/[^0-9A-Za-z]/g, '').includes(number);
  return id.length <= longest && FORM.test(id) && redactText(id) === id && !isNumberIn ? id : '';
}

/** The id of a receipt, as far as it can be kept. It is the same on each repetition, and never empty. */
export const receiptId = (id: string, to?: string): string =>
  usableId(id.slice(0, MAX_EVENT_ID), to, MAX_EVENT_ID) || 'unusable-id';
