import { createHash } from 'node:crypto';
import { parseEncryptionKeys, type EncryptionKey } from '../../src/encryption/encryption-keys.js';

/** A key of this id in the form of PAYLOAD_ENCRYPTION_KEYS; always the same for the same seed. */
export const keyText = (id: string, seed = id) => `${id}:${createHash('sha256').update(seed).digest('base64')}`;

export const testKeys = (...ids: readonly string[]): readonly EncryptionKey[] =>
  parseEncryptionKeys(ids.map((id) => keyText(id)).join(','));
