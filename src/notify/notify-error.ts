/** refused: this URL will never be called, or wants no more calls · failed: a later attempt may be taken. */
export type NotifyErrorKind = 'refused' | 'failed';

/** A notification that was not taken. The message holds no part of the URL but what is said of it. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError';
  readonly kind: NotifyErrorKind;
  readonly httpStatus: number | undefined;
  /** How long the receiver asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(given: {
    readonly kind: NotifyErrorKind;
    readonly message: string;
    readonly httpStatus?: number;
    readonly retryAfterMs?: number | undefined;
  }) {
    super(given.message);
    this.kind = given.kind;
    this.httpStatus = given.httpStatus;
    this.retryAfterMs = given.retryAfterMs;
  }
}
