import { createSecretKey, type KeyObject } from 'node:crypto';
import { KEY_ID } from './payloads/encrypted-payload.js';

/** A key that encrypts payloads. A KeyObject does not show the key when it is printed or serialized. */
export interface EncryptionKey {
  /** Stored with every payload, not encrypted. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: KeyObject;
}

const KEY_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Parses PAYLOAD_ENCRYPTION_KEYS: `keyId:base64(32 bytes)`, separated by commas or line breaks. White space around
 * and in the base64 is ignored, since files, secret stores and YAML add it, and so is an empty entry. The first key
 * encrypts, all keys decrypt.
 * Returns no keys if the text is unset or empty. Throws a TypeError that says which entry is wrong and does not repeat it.
 */
export function parseEncryptionKeys(text: string | undefined): readonly EncryptionKey[] {
  if (text === undefined || text.trim() === '') return [];
  const entries = text.split(/[,\n]/).filter((entry) => entry.trim() !== '');
  if (entries.length === 0) throw new TypeError('there is no encryption key');
  const keys = entries.map((entry, index) => parseEntry(entry, index + 1));
  keys.forEach(({ id }, index) => {
    if (keys.findIndex((other) => other.id === id) !== index) {
      throw new TypeError(`encryption key ${String(index + 1)} has the id of an earlier one`);
    }
  });
  return keys;
}

function parseEntry(entry: string, position: number): EncryptionKey {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(colon, 0)).trim();
  const secret = entry.slice(colon + 1).replaceAll(/\s/g, '');
  const bytes = Buffer.from(secret, 'base64');
  if (!KEY_ID.test(id) || !BASE64.test(secret) || bytes.length !== KEY_BYTES) {
    throw new TypeError(`encryption key ${String(position)} is not of the form keyId:base64 of 32 bytes`);
  }
  return { id, key: createSecretKey(bytes) };
}
