import { createHmac } from 'node:crypto';

/**
 * The search attribute RecipientHash: HMAC-SHA-256 of the E.164 number, the first 32 hexadecimal digits. The key is the text
 * as it was given, not decoded, so that every language makes the same of it.
 */
export function recipientHash(recipient: string, key: string): string {
  return createHmac('sha256', key).update(recipient).digest('hex').slice(0, 32);
}

/** Throws a TypeError for no key at all. That it can't be guessed is up to its owner: who has it can try every number. */
export function assertRecipientHashKey(key: string): void {
  if (key.trim() === '') throw new TypeError('recipientHashKey must be a random key');
}
