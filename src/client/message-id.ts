import { createHmac } from 'node:crypto';

/** RFC 2104 advises a key of the hash's length. Half of it can't be guessed either. Bytes. */
const MIN_SECRET_BYTES = 16;

/**
 * The messageId of the message that `name` describes: a UUID (RFC 9562, version 8) made of the first 16 bytes of the
 * name's HMAC-SHA-256 under `secret`. The same name always gives the same id, and nobody without the secret can guess
 * it: who can may send events about somebody else's message. A text stands for its bytes in UTF-8.
 * Throws a TypeError if the secret has less than 16 bytes, or if the name is empty or not well-formed.
 */
export function messageIdFor(secret: string | Uint8Array, name: string): string {
  const key = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
  // A caller without types may pass anything, such as an environment variable that is not set.
  if (!(key instanceof Uint8Array) || key.length < MIN_SECRET_BYTES) {
    throw new TypeError(`secret must have at least ${String(MIN_SECRET_BYTES)} bytes`);
  }
  if (typeof name !== 'string' || name === '') throw new TypeError('name must be a text that is not empty');
  // UTF-8 can't express half of a character: two such names would get the same id.
  if (/\p{Surrogate}/u.test(name)) throw new TypeError('name must not contain a lone surrogate');
  const bytes = createHmac('sha256', key).update(name, 'utf8').digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
