/** What a failed call to RBM means (RBM "Send messages", "Revoke messages"; otherwise as in all Google APIs). */
export type RbmErrorKind =
  /** 400: this request will never be accepted. */
  | 'invalidArgument'
  /** 401, or the token endpoint refused the credentials. */
  | 'unauthenticated'
  /** 403: the look-up of the agent failed. May be temporary. */
  | 'permissionDenied'
  /** 404. On create: the phone is not reachable by RCS. On delete: ambiguous. */
  | 'notFound'
  /** 429: too many requests. */
  | 'resourceExhausted'
  /** 5xx: RBM may or may not have acted. */
  | 'unavailable'
  /** No answer: RBM may or may not have acted. */
  | 'unanswered'
  /** The request certainly never reached RBM: connection refused, DNS, TLS, or no access token. */
  | 'notSent'
  /** Any other status. */
  | 'unexpected';

export interface RbmErrorFields {
  readonly kind: RbmErrorKind;
  readonly message: string;
  readonly httpStatus?: number | undefined;
  readonly status?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** A failed call. Its message may name a status or a fault, but never a URL, a number, a token or the server's text. */
export class RbmError extends Error {
  override readonly name = 'RbmError';
  readonly kind: RbmErrorKind;
  /** RBM's HTTP status, when RBM answered. */
  readonly httpStatus: number | undefined;
  /**
   * The code of google.rpc such as `NOT_FOUND`, or of OAuth such as `invalid_grant` when the token endpoint refused. For
   * `notSent`, the reason: `NO_ACCESS_TOKEN`, or the system's code such as `ECONNREFUSED`.
   */
  readonly status: string | undefined;
  /** The wait that RBM asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor({ kind, message, httpStatus, status, retryAfterMs }: RbmErrorFields) {
    super(message);
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
