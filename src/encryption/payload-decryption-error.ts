export type PayloadDecryptionCode =
  /** No key of this id is configured here. */
  | 'UNKNOWN_KEY'
  /** The payload, its key id or its encoding is not as it was written; or another key has the same id. */
  | 'NOT_AUTHENTIC'
  /** It says that it is encrypted, but lacks what belongs to that. */
  | 'UNREADABLE';

/** An encrypted payload that can't be decrypted. Names the key's id, and nothing else of it. */
export class PayloadDecryptionError extends Error {
  override readonly name = 'PayloadDecryptionError';

  constructor(
    readonly code: PayloadDecryptionCode,
    /** Absent where the payload names none that could be one. */
    readonly keyId?: string,
  ) {
    super(WORDS[code](keyId ?? 'unknown'));
  }
}

const WORDS: Readonly<Record<PayloadDecryptionCode, (keyId: string) => string>> = {
  UNKNOWN_KEY: (keyId) => `a payload is encrypted with the key "${keyId}", which is not configured here`,
  NOT_AUTHENTIC: (keyId) => `a payload is not what was encrypted with the key "${keyId}"`,
  UNREADABLE: () => 'a payload says that it is encrypted, but lacks a key id or its content',
};
