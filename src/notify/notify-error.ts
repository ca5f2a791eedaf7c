/** `refused`: the URL is not allowed, or its server wants no more calls. `failed`: a later attempt may succeed. */
export type NotifyErrorKind = 'refused' | 'failed';

/** A notification that was not accepted. The message contains no part of the URL. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError';
  readonly kind: NotifyErrorKind;
  readonly httpStatus: number | undefined;
  /** The wait that the receiver asked for, in milliseconds. */
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
