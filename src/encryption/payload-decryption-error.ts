export type PayloadDecryptionCode =
  /** No key with this id is configured. */
  | 'UNKNOWN_KEY'
  /** The payload, its key id or its encoding was changed; or the configured key with this id is another one. */
  | 'NOT_AUTHENTIC'
  /** The payload's encoding says that it is encrypted, but its key id or content is missing. */
  | 'UNREADABLE';

/** An encrypted payload can't be decrypted. The message holds the key's id and nothing of the payload. */
export class PayloadDecryptionError extends Error {
  override readonly name = 'PayloadDecryptionError';

  constructor(
    readonly code: PayloadDecryptionCode,
    /** Absent if the payload has no valid key id. */
    readonly keyId?: string,
  ) {
    super(MESSAGES[code](keyId ?? 'unknown'));
  }
}

const MESSAGES: Readonly<Record<PayloadDecryptionCode, (keyId: string) => string>> = {
  UNKNOWN_KEY: (keyId) => `a payload is encrypted with the key "${keyId}", which is not configured here`,
  NOT_AUTHENTIC: (keyId) => `a payload is not what was encrypted with the key "${keyId}"`,
  UNREADABLE: () => 'a payload says that it is encrypted, but lacks a key id or its content',
};
