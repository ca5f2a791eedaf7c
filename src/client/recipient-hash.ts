import { createHmac } from 'node:crypto';

/**
 * The search attribute RecipientHash: the first 32 hexadecimal digits of the number's HMAC-SHA-256. The key is used as
 * the text that was given, not decoded, so that every language gets the same hash.
 */
export function recipientHash(recipient: string, key: string): string {
  return createHmac('sha256', key).update(recipient).digest('hex').slice(0, 32);
}

/**
 * Throws a TypeError for an empty key. Whether a key can be guessed is not checked; its holder can try every number.
 */
export function assertRecipientHashKey(key: string): void {
  if (key.trim() === '') throw new TypeError('recipientHashKey must be a random key');
}
