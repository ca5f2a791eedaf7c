/**
 * The `type` of every ApplicationFailure that this project throws, as it shows in a history. A workflow decides by this
 * string alone, never by a message.
 */
export const FailureType = {
  /** The workflow's input is wrong; the message names every bad field and repeats no value. */
  InvalidInput: 'InvalidInput',
  /**
   * The input is not encrypted, and the workers require encryption (PAYLOAD_ENCRYPTION_REQUIRED). Nothing was sent, unless a
   * worker without that requirement had begun the delivery and crashed.
   */
  EncryptionRequired: 'EncryptionRequired',
  /** RBM answered 400: this request will never be accepted. */
  RbmInvalidArgument: 'RbmInvalidArgument',
  /** RBM answered 401, or the token endpoint refused an access token. */
  RbmUnauthenticated: 'RbmUnauthenticated',
  /** RBM answered 403. That may pass by itself, so it is tried a few times. */
  RbmPermissionDenied: 'RbmPermissionDenied',
  /** RBM answered 404. On create: the phone is not reachable by RCS. On DELETE: see docs/decision-table.md. */
  RbmNotFound: 'RbmNotFound',
  /** RBM answered 429. */
  RbmResourceExhausted: 'RbmResourceExhausted',
  /** RBM answered 5xx: it may or may not have acted. */
  RbmUnavailable: 'RbmUnavailable',
  /** The request went out and no answer came: it may or may not have acted. */
  RbmUnanswered: 'RbmUnanswered',
  /** The request never reached RBM: no connection, no token, the revocation was already due, or a reset came between. */
  RbmNotSent: 'RbmNotSent',
  /** RBM answered with a status that its documents do not name. */
  RbmUnexpected: 'RbmUnexpected',
  /** The person has opted out, so the request was not made. */
  OptedOut: 'OptedOut',
  /** Whether the person has opted out could not be found out, so the request was not made. */
  OptOutUnknown: 'OptOutUnknown',
  /** No SMS provider will ever accept this request. */
  SmsRefused: 'SmsRefused',
  /** The SMS provider certainly did not accept it now, and may later. */
  SmsNotSent: 'SmsNotSent',
  /** No answer: the SMS may have been sent. */
  SmsUnanswered: 'SmsUnanswered',
  /** The SMS is of no use any more, so the request was not made. */
  SmsExpired: 'SmsExpired',
  /** What the run before an operator's reset had learned can't be read; `details[0].code` is an {@link UnreadableCode}. */
  FormerRunUnreadable: 'FormerRunUnreadable',
  /** How late Temporal was with a timer could not be found out. */
  OutageUnknown: 'OutageUnknown',
  /** The delivery refused an update; `details[0]` is an {@link UpdateRefusal}. It leaves no trace in the history. */
  UpdateRefused: 'UpdateRefused',
  /** The host of notify.url is not allowed, or its server answered 410: it is not called again. */
  NotifyRefused: 'NotifyRefused',
  /** The server of notify.url did not accept the notification now. */
  NotifyFailed: 'NotifyFailed',
  /** The delivery that a notification speaks of did not start it, so it is not signed. */
  ForeignNotification: 'ForeignNotification',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];

/**
 * Why a delivery refused an update. `invalid`: the argument is wrong. `sending`: the message is being sent for the first
 * time, which takes less than two seconds. The others mean that it came too late: the delivery has settled, its SMS has been
 * requested, or its revocation has begun.
 */
export type UpdateRefusal = 'invalid' | 'sending' | 'settled' | 'fallbackStarted' | 'revocationStarted';

/** `details[0]` of an UpdateRefused. */
export interface UpdateRefusedDetails {
  readonly refusal: UpdateRefusal;
}

/** The `code` of an RbmNotSent for which there was no access token. */
export const NO_ACCESS_TOKEN = 'NO_ACCESS_TOKEN';
/** The `code` of an RbmNotSent that the run before a reset had scheduled. */
export const WORKFLOW_RESET = 'WORKFLOW_RESET';

/**
 * The `code` of a FormerRunUnreadable. `UNAVAILABLE`: Temporal did not answer, so it is retried. The others are final.
 * `GONE`: the retention of that run is over. `UNDECODABLE`: the worker lacks the key. `NO_HISTORIES`: it can't ask.
 */
export type UnreadableCode = 'UNAVAILABLE' | 'GONE' | 'UNDECODABLE' | 'NO_HISTORIES';

/** `details[0]` of a FormerRunUnreadable. */
export interface UnreadableDetails {
  readonly code: UnreadableCode;
  /** The reset run that asked. A reset of that run has to look back again. */
  readonly runId: string;
}

/** `details[0]` of an `Rbm…`, `Sms…` or `Notify…` failure. */
export interface FailureDetails {
  readonly httpStatus?: number;
  /**
   * The provider's own code, such as google.rpc's `NOT_FOUND` or Twilio's `21211`; or why nothing was sent, such as
   * `ECONNREFUSED`.
   */
  readonly code?: string;
  /** How long the server asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** sendRcs only: this or an earlier attempt may have put the message into RBM's queue. */
  readonly mayBeQueued?: boolean;
  /** sendRcs only: the message names no traffic type, and by its agent's type opt-outs stop it. */
  readonly honorsOptOut?: boolean;
  /** sendRcs only: when the attempt ended, RFC 3339. */
  readonly answeredTime?: string;
  /** SMS only: the provider's idempotency key makes a repeat harmless. */
  readonly repeatable?: boolean;
  /** SMS only: the provider that was asked. */
  readonly provider?: string;
  /** SMS only: why the provider did not accept it. */
  readonly smsReason?: SmsReason;
  /** SMS only: another configured provider has not been asked yet, and may be now. */
  readonly otherProvider?: boolean;
}

/**
 * Why an SMS provider did not accept an SMS. docs/sms-providers.md lists each provider's codes by these.
 * - `recipient`: the number can't get an SMS. `optedOut`: the person stopped this sender's SMS. `content`: the text.
 *   No other provider is asked.
 * - `account`, `sender`: credentials, balance or the sender; an operator can correct them. `unreachable`: no connection.
 *   Nothing was sent, and another provider is asked at once.
 * - `throttled`: 429. Another provider is asked after a few attempts.
 */
export type SmsReason = 'recipient' | 'optedOut' | 'content' | 'account' | 'sender' | 'unreachable' | 'throttled';
