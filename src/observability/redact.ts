/**
 * The code logs nothing personal. This is the safety net for library errors and stack traces. It works on finished log
 * lines, so it sees everything that is written.
 */
const REDACTED = '[redacted]';

/** Fields whose value is never logged: secrets, and the names that RBM and SMS gateways use for personal data. */
const SECRET_FIELD =
  /token|secret|password|passphrase|authorization|cookie|api[-_]?key|private[-_]?key|credential|signature|recipient|phone|msisdn|contentmessage|^(?:to|from|text|body|data|sender)$/i;
/** Matches SECRET_FIELD, but is harmless, and operators need it. */
const HARMLESS_FIELD = /^(?:recipientHash)$/i;

/** A phone number: `+` or `%2B` and 7 to 15 digits, also with spaces, dots, dashes or parentheses between them. */
const E164 = /(?:\+|%2B)\s?\(?\d(?:[\s().-]{0,2}\d){6,14}/gi;
/** A phone number without its plus: 9 to 15 digits that are not part of an id, a time or a longer number. */
const DIGITS = /(?<![\w.:+-])\d{9,15}(?![\w-]|\.\d)/g;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;
const WHSEC = /\bwhsec_[A-Za-z0-9+/=]+/g;

/** Replaces phone numbers and credentials in a text. */
export function redactText(text: string): string {
  return text
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(WHSEC, REDACTED)
    .replace(E164, REDACTED)
    .replace(DIGITS, REDACTED);
}

/** Redacts one JSON log line. A line that is not JSON is redacted as text. */
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
