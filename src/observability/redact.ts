/**
 * The last net under the rule that nothing personal is logged: the code doesn't, this catches what slips through a
 * library's error message or a stack trace. It sees finished log lines, so nothing can pass beside it.
 */
export const REDACTED = '[redacted]';

/** Fields whose value is never shown, whatever it is: secrets, and what RBM and the SMS gateways call a person's data. */
const SECRET_FIELD =
  /token|secret|password|passphrase|authorization|cookie|api[-_]?key|private[-_]?key|credential|signature|recipient|phone|msisdn|contentmessage|^(?:to|from|text|body|data|sender)$/i;
/** Named like a secret, but harmless, and needed by whoever reads the log. */
const HARMLESS_FIELD = /^(?:recipientHash)$/i;

/** `+` (or its URL form) and 7 to 15 digits, also with spaces, dots, dashes or parentheses between them. */
const E164 = /(?:\+|%2B)\s?\(?\d(?:[\s().-]{0,2}\d){6,14}/gi;
/** A bare run of 9 to 15 digits: a number without its plus, unless it is part of an id, a time or a longer number. */
const DIGITS = /(?<![\w.:+-])\d{9,15}(?![\w-]|\.\d)/g;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;
const WHSEC = /\bwhsec_[A-Za-z0-9+/=]+/g;

/** A text without phone numbers and credentials. */
export function redactText(text: string): string {
  return text
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(WHSEC, REDACTED)
    .replace(E164, REDACTED)
    .replace(DIGITS, REDACTED);
}

/** One JSON log line without them. What is not JSON is treated as text. */
export function redactLine(line: string): string {
  try {
    return `${JSON.stringify(JSON.parse(line, (key, value: unknown) => redactValue(key, value)))}\n`;
  } catch {
    return redactText(line);
  }
}

function redactValue(key: string, value: unknown): unknown {
  if (value === null || value === undefined || key === 'time') return value;
  if (SECRET_FIELD.test(key) && !HARMLESS_FIELD.test(key)) return REDACTED;
  return typeof value === 'string' ? redactText(value) : value;
}
