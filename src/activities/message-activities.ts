/** The activities of `messageDelivery`. Each makes one request; who repeats it, and when, is the workflow's matter. */
export interface MessageActivities {
  /** Creates the agentMessage. Fails with one of the `Rbm…` failure types. A repeat with the same messageId is harmless. */
  sendRcs(input: SendRcsInput): Promise<SendRcsResult>;
  /** DELETEs the agentMessage. Returns on 2xx, fails with one of the `Rbm…` failure types. */
  revokeRcs(input: RevokeRcsInput): Promise<void>;
  /** Sends the fallback. Fails with one of the `Sms…` failure types. */
  sendSms(input: SendSmsInput): Promise<SendSmsResult>;
  /** Asks the SMS provider whether an unanswered sendSms was taken. Fails with `SmsUnanswered` when it can't tell now. */
  reconcileSms(input: ReconcileSmsInput): Promise<ReconcileSmsResult>;
}

export interface SendRcsInput {
  readonly agentId: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly contentMessage: Readonly<Record<string, unknown>>;
  readonly messageTrafficType?: string;
  /** RBM's own expireTime for this message, RFC 3339. */
  readonly expireTime: string;
  /** When we take the message back ourselves, RFC 3339: no request is left open past it. */
  readonly revokeTime: string;
  /** The longest that one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** True when an earlier activity for this message ended without a clear answer. */
  readonly mayBeQueued: boolean;
}

export interface SendRcsResult {
  /** True for 409: an earlier attempt was accepted. */
  readonly acceptedEarlier: boolean;
  /** When RBM had answered, RFC 3339, by the worker's clock. */
  readonly answeredTime?: string;
  /** RBM's word on when it will take the message back. */
  readonly expireTime?: string;
}

export interface RevokeRcsInput {
  readonly agentId: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly timeoutMs: number;
}

export interface SendSmsInput {
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  /** Comes back in receipts and leads to the delivery: the workflow id. */
  readonly reference: string;
  /** One per delivery, the same on every attempt: the workflow id, since a messageId is unique per agent only. */
  readonly idempotencyKey: string;
  /** The provider that gave no answer to an earlier request, where known: no other may repeat it (G2). */
  readonly unansweredBy?: string;
  readonly timeoutMs: number;
}

export interface SendSmsResult {
  readonly provider: string;
  readonly providerMessageId: string;
}

export interface ReconcileSmsInput {
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  readonly reference: string;
  /** RFC 3339: nothing before this moment can be ours. */
  readonly sentAfter: string;
  /** As for sendSms: no other can tell. */
  readonly unansweredBy?: string;
  readonly timeoutMs: number;
}

export type ReconcileSmsResult =
  | { readonly found: 'yes'; readonly provider: string; readonly providerMessageId: string }
  | { readonly found: 'no' }
  /** The provider's idempotency key makes a repeat harmless, so there is nothing to find out. */
  | { readonly found: 'repeatable' };
