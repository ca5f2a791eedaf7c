export interface SmsRequest {
  /** E.164 with its `+`. */
  readonly to: string;
  /** A number, short code or alphanumeric sender; else the provider's own configuration decides. */
  readonly from?: string;
  readonly text: string;
  /** The workflow id. It comes back in receipts and leads to the delivery. */
  readonly reference: string;
  /** One per delivery, the same on every attempt. */
  readonly idempotencyKey: string;
  /** The most that the whole call may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface SmsReconcileRequest {
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  readonly reference: string;
  /** RFC 3339: nothing before this moment can be ours. */
  readonly sentAfter: string;
  readonly timeoutMs: number;
}

export type SmsReconciliation =
  | { readonly found: 'yes'; readonly providerMessageId: string }
  /** Proof, as far as the provider can give it, that nothing was sent. */
  | { readonly found: 'no' }
  /** The idempotency key makes a repeat harmless, so there is nothing to find out. */
  | { readonly found: 'repeatable' };

/** An SMS gateway. One HTTP request per call, never a retry. Throws SmsError. */
export interface SmsProvider {
  /** A short word, for results and metrics. */
  readonly name: string;
  /** True when a repeat under the same idempotency key can't send a second SMS. If false, `reconcile` must be able to tell (G2). */
  readonly repeatable: boolean;
  /** `providerMessageId` is empty when the gateway took the SMS and its answer named no readable id. */
  send(request: SmsRequest, signal?: AbortSignal): Promise<{ readonly providerMessageId: string }>;
  /** Whether an unanswered send was taken. Throws SmsError `unanswered` when that can't be told now. */
  reconcile(request: SmsReconcileRequest, signal?: AbortSignal): Promise<SmsReconciliation>;
}

export type SmsErrorKind =
  /** Permanent: the gateway will never take this SMS. */
  | 'refused'
  /** Temporary: surely not sent now. Wrong credentials are this as well, since an operator can put them right. */
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

/** A failed call. Its message names a status, a code or a fault, never a number, a text, a secret or a URL. */
export class SmsError extends Error {
  override readonly name = 'SmsError';
  readonly kind: SmsErrorKind;
  readonly httpStatus: number | undefined;
  /** The provider's own code, such as Twilio's `21610`. */
  readonly code: string | undefined;
  /** How long the provider asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor({ kind, message, httpStatus, code, retryAfterMs }: SmsErrorFields) {
    super(message);
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
