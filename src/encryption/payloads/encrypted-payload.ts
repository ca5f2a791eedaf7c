import type { Payload } from '@temporalio/common';

/*
 * What an encrypted payload looks like (docs/encryption.md, "The format"). This file is part of the workflow bundle, so it
 * uses nothing of Node.
 */

/** The encoding of encrypted payloads. Temporal's samples use the same, so tools recognise it. */
export const ENCRYPTED = 'binary/encrypted';
export const KEY_ID_METADATA = 'encryption-key-id';
export const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/** Empty if there is none, or it is longer than any that is known. */
export const encodingOf = ({ metadata }: Payload): string => textOf(metadata?.['encoding']);

export const isEncrypted = (payload: Payload): boolean => encodingOf(payload) === ENCRYPTED;

/** The key id in a payload's metadata. undefined if there is none, or it is not valid. */
export function keyIdOf({ metadata }: Payload): string | undefined {
  const id = textOf(metadata?.[KEY_ID_METADATA]);
  return KEY_ID.test(id) ? id : undefined;
}

/** Whether there may be a key that decrypts this encrypted payload. If not, it was never encrypted by this project. */
export const mayHaveKey = (payload: Payload): boolean =>
  keyIdOf(payload) !== undefined && (payload.data?.length ?? 0) >= IV_BYTES + TAG_BYTES;

/** Longer than any text that is read here. The bytes come from outside, in any number. */
const LONGEST = 64;

export const textOf = (bytes: Uint8Array | null | undefined): string =>
  bytes == null || bytes.length > LONGEST ? '' : String.fromCharCode(...bytes);
