import { createHmac } from 'node:crypto';
import { bareValue } from '../contract/bare-value.js';

/** Keys of RecipientHash, the current one first. The others are being rotated out. */
export type HashKeys = readonly [string, ...string[]];

/**
 * The search attribute RecipientHash: the first 32 hexadecimal digits of the number's HMAC-SHA-256. The key is used as
 * the text that was given, not decoded, so that every language gets the same hash; only white space and quotes around it
 * are removed ({@link parseHashKeys}), since a secret in a file often ends with a line break.
 */
export function recipientHash(recipient: string, key: string): string {
  return createHmac('sha256', key).update(recipient).digest('hex').slice(0, 32);
}

/** The hashes by every key, that of the current key first. */
export function recipientHashes(recipient: string, keys: HashKeys): readonly [string, ...string[]] {
  const [current, ...former] = keys;
  return [recipientHash(recipient, current), ...former.map((key) => recipientHash(recipient, key))];
}

/**
 * The keys in the text of RECIPIENT_HASH_KEY: one, or several separated by commas or line breaks. Throws a TypeError if
 * there is none. Whether a key can be guessed is not checked; its holder can try every number.
 */
export function parseHashKeys(text: string): HashKeys {
  const [current, ...former] = bareValue(text)
    .split(/[,\r\n]/)
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (current === undefined) throw new TypeError('recipientHashKey must be a random key');
  return [current, ...former];
}
