import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { EncryptionKey } from './encryption-keys.js';
import { PayloadDecryptionError } from './payload-decryption-error.js';
import { markCleartext, type Cleartext } from './payloads/as-received.js';
import {
  ENCRYPTED,
  isEncrypted,
  IV_BYTES,
  KEY_ID_METADATA,
  keyIdOf,
  mayHaveKey,
  TAG_BYTES,
} from './payloads/encrypted-payload.js';

const CIPHER = 'aes-256-gcm';
const PayloadMessage = proto.temporal.api.common.v1.Payload;

/**
 * Encrypts every payload with AES-256-GCM. The first key encrypts, all keys decrypt. Payloads that are not encrypted pass
 * unchanged, because deliveries may have started before there was a key. Decoding rejects with a
 * {@link PayloadDecryptionError}. Throws a TypeError without a key. Format: docs/encryption.md; reasons: decision 0004.
 */
export function createPayloadCodec({ keys }: { readonly keys: readonly EncryptionKey[] }): EncryptingCodec {
  const [current] = keys;
  if (current === undefined) throw new TypeError('encryption needs at least one key');
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    encode: (payloads) => asPromise(() => payloads.map((payload) => encrypt(payload, current))),
    decode: (payloads) =>
      asPromise(() => payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, byId) : payload))),
    decodeForWorkflow: (payloads, cleartext) =>
      asPromise(() => payloads.map((payload) => decryptForWorkflow(payload, byId, cleartext))),
  };
}

export interface EncryptingCodec extends PayloadCodec {
  /**
   * Decodes what a client sent to a workflow. A payload that can't be decrypted here passes unchanged, and one that is not
   * encrypted is marked: the workflow decides what becomes of it.
   */
  decodeForWorkflow(payloads: Payload[], cleartext: Cleartext): Promise<Payload[]>;
}

export const isEncryptingCodec = (codec: PayloadCodec): codec is EncryptingCodec => 'decodeForWorkflow' in codec;

function decryptForWorkflow(payload: Payload, keys: ReadonlyMap<string, EncryptionKey>, cleartext: Cleartext): Payload {
  if (!isEncrypted(payload)) return markCleartext(payload, cleartext);
  try {
    return decrypt(payload, keys);
  } catch (error) {
    if (error instanceof PayloadDecryptionError) return payload;
    throw error;
  }
}

/** Encrypts the whole payload: its metadata reveals something too. */
function encrypt(payload: Payload, { id, key }: EncryptionKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(boundTo(id));
  const plaintext = PayloadMessage.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID_METADATA]: Buffer.from(id) }, data };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, EncryptionKey>): Payload {
  const id = keyIdOf(payload);
  const data = payload.data ?? new Uint8Array();
  if (id === undefined || !mayHaveKey(payload)) throw new PayloadDecryptionError('UNREADABLE', id);
  const key = keys.get(id)?.key;
  if (key === undefined) throw new PayloadDecryptionError('UNKNOWN_KEY', id);
  const iv = data.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(boundTo(id))
    .setAuthTag(data.subarray(-TAG_BYTES));
  try {
    const plaintext = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return PayloadMessage.decode(plaintext);
  } catch {
    throw new PayloadDecryptionError('NOT_AUTHENTIC', id);
  }
}

/** The additional authenticated data, so that neither encoding nor key id can be changed. */
const boundTo = (keyId: string) => Buffer.from(`${ENCRYPTED};${keyId}`);

/** Turns a thrown error into a rejection, because the interface is asynchronous. */
const asPromise = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
