export interface SmsRequest {
  /** E.164 with its `+`. */
  readonly to: string;
  /** A number, short code or alphanumeric sender. Default: the provider's own configuration decides. */
  readonly from?: string;
  readonly text: string;
  /** The workflow id. Receipts must return it, since it identifies the delivery. */
  readonly reference: string;
  /** One key per delivery, the same on every attempt. */
  readonly idempotencyKey: string;
  /** The time limit of the whole call, in milliseconds. */
  readonly timeoutMs: number;
}

export interface SmsReconcileRequest {
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  readonly reference: string;
  /** RFC 3339. Messages sent before this time belong to something else. */
  readonly sentAfter: string;
  readonly timeoutMs: number;
}

export type SmsReconciliation =
  | { readonly found: 'yes'; readonly providerMessageId: string }
  /** Proof, as far as the provider can give it, that nothing was sent. */
  | { readonly found: 'no' }
  /** The idempotency key makes a retry harmless, so nothing has to be found out. */
  | { readonly found: 'repeatable' };

/** An SMS gateway. Each call makes one HTTP request and never retries. Throws an SmsError. */
export interface SmsProvider {
  /** A short word, for results and metrics. */
  readonly name: string;
  /**
   * True when a retry with the same idempotency key can't send a second SMS. If false, `reconcile` must find out (G2).
   */
  readonly repeatable: boolean;
  /** `providerMessageId` is empty when the gateway accepted the SMS but its answer has no readable id. */
  send(request: SmsRequest, signal?: AbortSignal): Promise<{ readonly providerMessageId: string }>;
  /** Finds out whether an unanswered send was accepted. Throws an SmsError `unanswered` when that is unknown now. */
  reconcile(request: SmsReconcileRequest, signal?: AbortSignal): Promise<SmsReconciliation>;
}

export type SmsErrorKind =
  /** Permanent: the gateway will never accept this SMS. */
  | 'refused'
  /** Temporary: certainly not sent. Includes wrong credentials, since an operator can correct them. */
  | 'notSent'
  /** It may have been sent. */
  | 'unanswered';

export interface SmsErrorFields {
  readonly kind: SmsErrorKind;
  readonly message: string;
  readonly httpStatus?: number | undefined;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** A failed call. Its message may name a status, a code or a fault, but never a number, a text, a secret or a URL. */
export class SmsError extends Error {
  override readonly name = 'SmsError';
  readonly kind: SmsErrorKind;
  readonly httpStatus: number | undefined;
  /** The provider's own code, such as Twilio's `21610`. */
  readonly code: string | undefined;
  /** The wait that the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor({ kind, message, httpStatus, code, retryAfterMs }: SmsErrorFields) {
    super(message);
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
