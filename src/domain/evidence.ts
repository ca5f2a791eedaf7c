/*
 * Glossary. These words mean the same in code, comments, docs and messages; docs/concepts.md explains them to users.
 *
 * delivery   One workflow: the attempt to bring one message to one person.
 * evidence   One thing that was learned about a delivery, with its source and time.
 * leg        A way to reach the person: RCS first, then SMS.
 * fallback   The SMS leg.
 */

/*
 * Glossary: revocation
 *
 * revoke             Make RBM drop a message that it has not delivered: by our DELETE, or by RBM's own expireTime.
 * grace              The wait for a late DELIVERED after a revocation.
 * revocation budget  The longest time from the expiry to the decision on the fallback.
 * hold               `whenUncertain: hold`: if RBM may have the message, no SMS without a confirmed revocation.
 */

/*
 * Glossary: decisions
 *
 * decider   `evolve` folds the evidence into facts (delivery.ts); `decide` says what to do next (decide.ts).
 * phase     How far a running delivery has come.
 * settle    Reach the outcome. The workflow then completes; "closed" is Temporal's word for that.
 * outcome   How the delivery settled: what reached the person, as far as it is known.
 */

import type { SmsReason } from '../contract/failures.js';
import type { RcsSummary } from '../contract/status.js';
import type { Instant } from './plan.js';

/** Everything that happens to a delivery is a piece of evidence: what was learned, and when the workflow learned it. */
export type Evidence = Finding & {
  readonly at: Instant;
  /** A look-back has found it in the run before a reset. */
  readonly isFormer?: true;
};

/** A piece of evidence without its time. */
export type Finding = WorkflowEvidence | AnswerEvidence | EventEvidence | OperatorEvidence | WokeLate;

/** What the workflow itself started or stopped. */
type WorkflowEvidence =
  | { readonly kind: 'sendStarted'; readonly how: CreateAttempts; readonly platformExpiresAt: Instant }
  | { readonly kind: 'sendStopRequested' | 'revokeStarted' | 'smsRequested' | 'smsStopRequested' }
  | { readonly kind: 'smsReconciliationStarted' }
  /** RBM had not accepted the message by `due`, so nothing more is created. */
  | { readonly kind: 'notAcceptedInTime'; readonly due: Instant }
  /** An operator has reset the workflow: what the run before had learned is to be looked up. */
  | { readonly kind: 'resetNoticed' | 'lookBackStarted' }
  /** A worker may have sent the message in the first workflow task and crashed. The history does not show that. */
  | { readonly kind: 'mayHaveBeenSent' };

/** `local`: one attempt as a local activity, within the workflow task. `normal`: an activity that Temporal retries. */
export type CreateAttempts = 'local' | 'normal';

/** How an action ended. */
type AnswerEvidence = SendAnswered | RevokeAnswered | SmsAnswered | SmsReconciled | LookedBack;

/** Why an action failed, and how long to wait before the next. */
interface Circumstances {
  /** The status and code of a refusal, such as `503 UNAVAILABLE`; or what kept the request from being sent. */
  readonly reason?: string;
  /** The request never reached RBM: no access token, no connection, or its time was over. */
  readonly notSent?: boolean;
  /** How long the server asked us to wait, in milliseconds. */
  readonly retryAfter?: number;
}

export interface SendAnswered extends Circumstances {
  readonly kind: 'sendAnswered';
  readonly answer: SendAnswer;
  /** This or an earlier attempt may have put the message into RBM's queue. */
  readonly mayBeQueued: boolean;
  /** Another run of this message, whose history is gone, had it accepted: 409 to the very first attempt. */
  readonly sentByAnotherRun?: boolean;
  readonly summary?: RcsSummary;
  /** The message names no traffic type, and by its agent's type opt-outs stop it. */
  readonly honorsOptOut?: boolean;
}

export interface RevokeAnswered extends Circumstances {
  readonly kind: 'revokeAnswered';
  readonly answer: RevokeAnswer;
  /** The worker that made the request has died. */
  readonly workerLost?: boolean;
}

export interface SmsAnswered extends Circumstances {
  readonly kind: 'smsAnswered';
  readonly answer: SmsAnswer;
  /** The provider's idempotency key makes a repeat harmless. */
  readonly repeatable?: boolean;
  readonly provider?: string;
  readonly providerMessageId?: string;
  readonly smsReason?: SmsReason;
  /** Another provider has not been asked yet. */
  readonly otherProvider?: boolean;
}

/** What the provider said when it was asked about a request that it had not answered. */
export interface SmsReconciled {
  readonly kind: 'smsReconciled';
  /** `unknown`: the provider could not say. */
  readonly found: 'yes' | 'no' | 'repeatable' | 'unknown';
  /** The provider that may repeat the request because of its idempotency key. Beside `no`: all others have no such SMS. */
  readonly repeatableBy?: string;
  readonly provider?: string;
  readonly providerMessageId?: string;
}

/** What the runs before a reset had learned is now known, or can't be known: their history is gone or can't be read. */
interface LookedBack {
  readonly kind: 'lookedBack';
  readonly found: 'evidence' | 'unreadable';
  /** The run that looked back. */
  readonly runId: string;
  /** How many notifications those runs had sent; if that is not known, more than they can have sent. */
  readonly notifications: number;
}

/**
 * accepted: 2xx, or 409 since an earlier attempt was accepted · notFound: 404, the phone is not reachable by RCS ·
 * refused: 400 · denied: 403 · failed: anything that a later attempt may change · stopped: called off before an answer ·
 * suppressed: not made, since the person had opted out.
 */
export type SendAnswer = 'accepted' | 'notFound' | 'refused' | 'denied' | 'failed' | 'stopped' | 'suppressed';

/**
 * revoked: 2xx · notFound: 404 · refused: 400, 401, 403, 429, or not sent · failed: any other status · unanswered: none.
 */
export type RevokeAnswer = 'revoked' | 'notFound' | 'refused' | 'failed' | 'unanswered';

/**
 * refused: no provider will ever accept it · notSent: certainly not sent, and it may be later · notStarted: no worker
 * picked it up · unanswered: it may have been sent · expired, suppressed: not made, since the SMS was of no use any more,
 * or the person had opted out.
 */
export type SmsAnswer = 'accepted' | 'refused' | 'notSent' | 'notStarted' | 'unanswered' | 'expired' | 'suppressed';

/** What came by a signal: RBM's webhook events, the SMS provider's receipts, and an opt-out. */
export type EventEvidence = RbmEvent | OtherSender | SmsStatus | OptedOut;

export interface RbmEvent {
  readonly kind: RbmEventKind;
  readonly eventId: string;
  readonly sendTime: string;
}

/** An event from another number than the recipient's: another person's phone says nothing about this message. */
interface OtherSender {
  readonly kind: 'otherSender';
  readonly event: RbmEventKind;
  readonly eventId: string;
  readonly sendTime: string;
}

/** The person opted out of such messages. */
interface OptedOut {
  readonly kind: 'optedOut';
  readonly source: string;
  readonly sendTime: string;
}

interface SmsStatus {
  readonly kind: 'smsStatus';
  readonly status: SmsReceipt;
  /** UNDELIVERED: a DELIVERED may follow, so the delivery waits for it. Absent in histories from before that wait. */
  readonly mayBeCorrected?: true;
  readonly eventId: string;
  readonly sendTime: string;
}

export type ProofKind = 'delivered' | 'read' | 'replied';
export type TtlEventKind = 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed';
export type RbmEventKind = ProofKind | TtlEventKind;
export type SmsReceipt = 'SENT' | 'DELIVERED' | 'UNDELIVERED';

type OperatorEvidence =
  | { readonly kind: 'revokeRequested'; readonly reason: string; readonly fallback: 'sms' | 'none' }
  | { readonly kind: 'expiryChanged'; readonly expiresAt: Instant }
  | { readonly kind: 'cancelRequested' };

/** A wait ended much later than it was due: in a backlog of the workers, or after an outage of Temporal. */
export interface WokeLate {
  readonly kind: 'wokeLate';
  readonly due: Instant;
  /** How late Temporal itself was, in milliseconds. Events may then still be on their way. Absent: not known. */
  readonly outage?: number;
}
