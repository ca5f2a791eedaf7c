export interface SmsRequest {
  /** E.164 with its `+`. */
  readonly to: string;
  /** A number, short code or alphanumeric sender. Default: the provider's own configuration decides. */
  readonly from?: string;
  readonly text: string;
  /** How long the SMS is of use from now on: whole seconds, at least 1. A gateway that can't deliver it by then drops it. */
  readonly validitySeconds: number;
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
  /** `providerMessageId` is empty when the gateway accepted the SMS but its answer has no id that can be kept. */
  send(request: SmsRequest, signal?: AbortSignal): Promise<{ readonly providerMessageId: string }>;
  /** Finds out whether an unanswered send was accepted. Throws an SmsError `unanswered` when that is unknown now. */
  reconcile(request: SmsReconcileRequest, signal?: AbortSignal): Promise<SmsReconciliation>;
}
