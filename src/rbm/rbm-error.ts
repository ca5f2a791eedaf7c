/** What a failed call to RBM means (RBM "Send messages", "Revoke messages"; else as of all Google APIs). */
export type RbmErrorKind =
  /** 400: this request will never be accepted. */
  | 'invalidArgument'
  /** 401, or the token endpoint refused our credentials. */
  | 'unauthenticated'
  /** 403: agent lookup failed; may pass by itself. */
  | 'permissionDenied'
  /** 404: on create, not reachable by RCS; on delete, ambiguous. */
  | 'notFound'
  /** 429. */
  | 'resourceExhausted'
  /** 5xx: RBM may or may not have acted. */
  | 'unavailable'
  /** No answer: RBM may or may not have acted. */
  | 'unanswered'
  /** Surely never reached RBM: connection refused, DNS, TLS, or no token to be had. */
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

/** A failed call. Its message names a status or a fault, never a URL, a number, a token or the server's own words. */
export class RbmError extends Error {
  override readonly name = 'RbmError';
  readonly kind: RbmErrorKind;
  /** RBM's HTTP status, when RBM answered. */
  readonly httpStatus: number | undefined;
  /**
   * google.rpc's code such as `NOT_FOUND`, or OAuth's such as `invalid_grant` when the token endpoint refused; of what was
   * not sent, why: `NO_ACCESS_TOKEN`, or the system's code such as `ECONNREFUSED`.
   */
  readonly status: string | undefined;
  /** How long RBM asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor({ kind, message, httpStatus, status, retryAfterMs }: RbmErrorFields) {
    super(message);
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
