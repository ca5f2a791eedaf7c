import { createHmac } from 'node:crypto';

/**
 * The search attribute RecipientHash: HMAC-SHA-256 of the E.164 number, the first 32 hexadecimal digits. The key is the text
 * as it was given, not decoded, so that every language makes the same of it.
 */
export function recipientHash(recipient: string, key: string): string {
  return createHmac('sha256', key).update(recipient).digest('hex').slice(0, 32);
}

/** Throws a TypeError, which does not repeat it, for a key that could be guessed: then so could every number. */
export function assertRecipientHashKey(key: string): void {
  if (isRecipientHashKey(key)) return;
  throw new TypeError('recipientHashKey must be at least 32 random bytes in base64 or hex');
}

const KEY_BYTES = 32;
/** Far below what chance gives 64 hexadecimal digits: it tells a placeholder such as `xxxx…`. */
const LEAST_DIFFERENT = 8;

/** Whether a key has the form of at least 32 random bytes, in base64 (also that for URLs) or hex. */
export function isRecipientHashKey(key: string): boolean {
  if (!/^[\w+/-]+={0,2}$/.test(key) || new Set(key).size < LEAST_DIFFERENT) return false;
  const bytes = /^[0-9a-f]+$/i.test(key) ? key.length / 2 : Buffer.from(key, 'base64').length;
  return bytes >= KEY_BYTES;
}
