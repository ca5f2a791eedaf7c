import { SMS_SENDER_PATTERN } from '../contract/patterns.js';

/** What surrounds a number in a cell, in quotes or in a mail: `'+15550100001`, `<tel:+15550100001>`. */
const AROUND = /^[\s'"`‘’‚“”„«»‹›<[]+|[\s'"`‘’“”«»‹›>\],;]+$/gu;
/** How links begin, and Twilio's names of channels; what may follow a number in a `tel:` link (RFC 3966). */
const SCHEME = /^(?:tel|sms|callto|whatsapp):(?:\/\/)?\s*/i;
const CONTEXT = /^(\+[^;]*);phone-context=.*$/i;

/**
 * A phone number as people paste it, in plain characters: without invisible marks (bidi marks, zero-width characters, a
 * byte order mark), full-width characters as ASCII, one kind of space and of dash, without `tel:` or `sms:` and quotes.
 * Characters that a reader might take for a part of the number, such as a superscript or a tab inside, are refused.
 */
export function plainNumber(pasted: string): string {
  return pasted
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/[\uff01-\uff5e]/gu, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll(/\p{Zs}/gu, ' ')
    .replaceAll(/[\p{Pd}\u2212·•]/gu, '-')
    .replaceAll(AROUND, '')
    .replace(SCHEME, '')
    .replace(/^%2B/i, '+')
    .replace(CONTEXT, '$1')
    .replace(/^\(\+ ?(\d{1,3})\)/, '+$1 ');
}

/** A decimal of a spreadsheet or a program, such as `1701234567.0`. Not `01.23.45.67.00`, as numbers are written too. */
const DECIMAL = /^\+?\d+[.,]0+$|^[^.,]*[.,]0$/;
/** A second number in short: `030 1234567/68`, `030 1234567 - 9`, `02-1234-5678~9`. Not `- 0`, which is a switchboard. */
const SECOND = /^[^/]*\/ ?\d{1,2}$|\d{4,} ?\/ ?\d{1,2}$| - ?[1-9]$|[~〜⁓∼]/;
/** A day of these two centuries, and an address of a private network. */
const DAY = /^(?:19|20)\d\d([-./])[01]\d\1[0-3]\d$|^[0-3]\d([-./])[0-3]\d\2(?:19|20)\d\d$/;
const ADDRESS = /^(?:192\.168|127\.0|10\.\d)\.\d{1,3}\.\d{1,3}$/;

/** Whether a {@link plainNumber} has digits that are no part of one phone number: read as one, they reach a stranger. */
export const isNoSingleNumber = (plain: string): boolean =>
  [DECIMAL, SECOND, DAY, ADDRESS].some((form) => form.test(plain));

/** An SMS sender that was pasted: a number or a short code in plain characters. Any other text stays as it is. */
export function plainSender(pasted: string): string {
  if (SMS_SENDER_PATTERN.test(pasted)) return pasted;
  const plain = plainNumber(pasted);
  if (isNoSingleNumber(plain)) return pasted;
  const digits = plain.replaceAll(/[ ().-]/g, '');
  return /^\+?\d{3,15}$/.test(digits) ? digits : pasted;
}
