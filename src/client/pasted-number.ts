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

/** An SMS sender that was pasted: a number or a short code in plain characters. Any other text stays as it is. */
export function plainSender(pasted: string): string {
  if (SMS_SENDER_PATTERN.test(pasted)) return pasted;
  const digits = plainNumber(pasted).replaceAll(/[ ().-]/g, '');
  return /^\+?\d{3,15}$/.test(digits) ? digits : pasted;
}
