import type { FormerRuns } from '../contract/former-run.js';

/** The activities of `messageDelivery`. Each makes one request. Retries are up to the workflow. */
export interface MessageActivities {
  /**
   * Creates the agentMessage. Fails with one of the `Rbm…` failure types. A retry with the same messageId is harmless.
   */
  sendRcs(input: SendRcsInput): Promise<SendRcsResult>;
  /** DELETEs the agentMessage. Returns on 2xx, fails with one of the `Rbm…` failure types. */
  revokeRcs(input: RevokeRcsInput): Promise<void>;
  /** Sends the fallback. Fails with one of the `Sms…` failure types. */
  sendSms(input: SendSmsInput): Promise<SendSmsResult>;
  /**
   * Asks the SMS provider whether it accepted an unanswered sendSms. Fails with `SmsUnanswered` when that is unknown.
   */
  reconcileSms(input: ReconcileSmsInput): Promise<ReconcileSmsResult>;
  /**
   * After an operator's reset: what the runs before had learned, and this run does not find in its own history. Sends
   * nothing. Fails with `FormerRunUnreadable`.
   */
  lookBack(): Promise<FormerRuns>;
  /**
   * How late Temporal itself was with a wait that has ended late, by the times of the run's own events. Sends nothing.
   * Fails with `OutageUnknown`. Only as a local activity.
   */
  measureOutage(input: MeasureOutageInput): Promise<MeasureOutageResult>;
}

export interface MeasureOutageInput {
  /** When the wait was due, RFC 3339. */
  readonly due: string;
}

export interface MeasureOutageResult {
  /** Milliseconds; 0 if Temporal was in time, and only the workers were late. */
  readonly outageMs: number;
}

/** What both requests that reach the person have in common. */
interface ToThePerson {
  /**
   * The run that scheduled the request. After an operator's reset Temporal hands a pending activity to the new run with
   * the old input: then nothing is sent, since the run before may have sent it.
   */
  readonly runId?: string;
  /** The person's opt-out is looked up right before the request, and stops it. */
  readonly honorOptOut?: boolean;
}

export interface SendRcsInput extends ToThePerson {
  readonly agentId: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly contentMessage: Readonly<Record<string, unknown>>;
  readonly messageTrafficType?: string;
  /** The expireTime that RBM gets with this message, RFC 3339. */
  readonly expireTime: string;
  /** When the revocation is due, RFC 3339. No request starts after it, or stays open more than 500 ms past it. */
  readonly revokeTime: string;
  /** The time limit of the request, in milliseconds. */
  readonly timeoutMs: number;
  /** True if RBM may already have the message from an earlier attempt, or an event shows that it had. */
  readonly mayBeQueued: boolean;
  /**
   * Temporal's time when the workflow asked for it, epoch milliseconds. Only for a local activity, which begins at once.
   * Absent: the worker's clock counts.
   */
  readonly askedAt?: number;
}

export interface SendRcsResult {
  /** True for 409: an earlier attempt was accepted. */
  readonly acceptedEarlier: boolean;
  /**
   * True for 409 if no attempt before can have queued the message: another run, whose history is gone, has sent it.
   */
  readonly sentByAnotherRun?: boolean;
  /** True if the message names no traffic type, and by its agent's type (RBM_AGENTS) opt-outs stop it. */
  readonly honorsOptOut?: boolean;
  /** When RBM had answered, RFC 3339: `askedAt` and the time that has passed since. */
  readonly answeredTime?: string;
  /** For US numbers (RBM "Billing in the US"). */
  readonly carrier?: string;
  readonly richMessageClassification?: { readonly classificationType: string; readonly segmentCount?: number };
  /** When RBM itself will revoke the message, as it answered. */
  readonly expireTime?: string;
}

export interface RevokeRcsInput {
  readonly agentId: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly timeoutMs: number;
}

export interface SendSmsInput extends ToThePerson {
  /** Looked up for an opt-out. */
  readonly agentId: string;
  readonly to: string;
  readonly from?: string;
  readonly text: string;
  /** The workflow id. Receipts return it, and it identifies the delivery. */
  readonly reference: string;
  /** One per delivery, the same on every attempt: the workflow id, since a messageId is unique per agent only. */
  readonly idempotencyKey: string;
  /** The provider that did not answer an earlier request, if known. No other provider may repeat that request (G2). */
  readonly unansweredBy?: string;
  /** Providers that surely sent nothing and are not asked again now. */
  readonly notBy?: readonly string[];
  /** Until when the SMS is of use, RFC 3339. No request starts after it; the provider gets the rest. */
  readonly validUntil: string;
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
  /** RFC 3339. Messages sent before this time belong to something else. */
  readonly sentAfter: string;
  /** As for sendSms. No other provider knows about that request. */
  readonly unansweredBy?: string;
  readonly notBy?: readonly string[];
  readonly timeoutMs: number;
}

export type ReconcileSmsResult =
  | { readonly found: 'yes'; readonly provider: string; readonly providerMessageId: string }
  /** `repeatableBy`: not known who was asked, and this provider can't tell. Its idempotency key makes a retry harmless. */
  | { readonly found: 'no'; readonly repeatableBy?: string }
  /** This provider's idempotency key makes a retry harmless, so nothing has to be found out. */
  | { readonly found: 'repeatable'; readonly repeatableBy: string };
