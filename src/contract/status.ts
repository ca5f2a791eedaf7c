import { durationToMs, SECOND } from './duration.js';

/** How far a delivery is that has not settled. */
export const PHASES = [
  'SENDING',
  'AWAITING_DELIVERY',
  'REVOKING',
  'CONFIRMING_REVOCATION',
  'FALLING_BACK',
  'AWAITING_SMS_RECEIPT',
] as const;
export type Phase = (typeof PHASES)[number];

/** How a delivery settled. */
export const OUTCOMES = [
  /** The phone has the RCS message: DELIVERED, READ or a reply proves it. */
  'DELIVERED',
  /** The SMS provider's receipt says that the SMS arrived. */
  'DELIVERED_BY_SMS',
  /** The SMS provider accepted the SMS. No receipt came in time. */
  'SENT_BY_SMS',
  /** The message was revoked, and no SMS was asked for. */
  'REVOKED',
  /** It is not known what the phone got. */
  'UNCERTAIN',
  /** RBM could not deliver, and no SMS was delivered or asked for. */
  'UNDELIVERABLE',
  /** The workflow was cancelled. The message was revoked as far as possible. */
  'CANCELLED',
  /** The person had opted out, so nothing was sent. */
  'SUPPRESSED',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What reached the person; `null` if nothing is known to have. */
export type Channel = 'RCS' | 'SMS' | null;

/**
 * Where a piece of evidence comes from. `rbm`: RBM's answer; `webhook`: RBM's event; `sms`: the SMS provider's answer
 * or receipt; `timer`: a wait that ended late; `optOut`: the person's own; `formerRun`: the run before a reset.
 */
export type EvidenceSource = 'workflow' | 'timer' | 'rbm' | 'webhook' | 'sms' | 'operator' | 'optOut' | 'formerRun';

/** The reasons for the end of the RCS leg that an SMS may follow. */
const BEFORE_AN_SMS = ['unreachable', 'refused', 'notAccepted', 'expired', 'platform', 'operator'] as const;

/**
 * Why the RCS leg ended without a delivery. `unreachable`: RBM answered 404. `refused`: RBM will never accept the message.
 * `notAccepted`: RBM had not accepted it within `acceptanceTimeout`, or by the expiry. `expired`: RBM had accepted it.
 * `platform`: RBM revoked it before its expiry, or tried to. `operator`: revokeNow. `optedOut`: by the person.
 */
export const END_REASONS = [...BEFORE_AN_SMS, 'cancelled', 'optedOut'] as const;
export type EndReason = (typeof END_REASONS)[number];

/**
 * Why the SMS was requested. `unconfirmed`: RBM may have the message, and no revocation was confirmed by then, so the RCS
 * message may arrive too. The others: see {@link END_REASONS}; the message was revoked, or RBM never had it.
 */
export const FALLBACK_REASONS = [...BEFORE_AN_SMS, 'unconfirmed'] as const;
export type FallbackReason = (typeof FALLBACK_REASONS)[number];

/**
 * The value of the search attribute DeliveryStatus from the start. It stays while the message is sent, and while the
 * delivery waits for DELIVERED: it does not say whether RBM has the message.
 */
export const STARTED = 'STARTED';

/** What the search attribute DeliveryStatus holds: AWAITING_DELIVERY is listed as STARTED, which saves an event. */
export const LISTED_STATUSES = [
  STARTED,
  ...PHASES.filter((phase): phase is Exclude<Phase, 'AWAITING_DELIVERY'> => phase !== 'AWAITING_DELIVERY'),
  ...OUTCOMES,
] as const;
export type ListedStatus = (typeof LISTED_STATUSES)[number];

/** One piece of evidence, as people read it. Holds no phone number and no text of the message. */
export interface TimelineEntry {
  /** When the workflow learned it, RFC 3339. */
  readonly time: string;
  readonly source: EvidenceSource;
  /** A stable name such as `revokeAnswered`. */
  readonly event: string;
  /** An answer, a status or a reason, for people: its wording may change. */
  readonly detail?: string;
}

/** The answer of the query `status`, and of every update. */
export interface DeliveryStatus {
  readonly agentId: string;
  readonly messageId: string;
  readonly messageTrafficType?: string;
  readonly campaignId?: string;
  /** When the workflow started, RFC 3339. */
  readonly startTime: string;
  /** When the delivery settled, RFC 3339. Absent while it runs. */
  readonly settledTime?: string;
  /** The phase while it runs, then the outcome. */
  readonly status: Phase | Outcome;
  readonly phase: Phase | null;
  readonly outcome: Outcome | null;
  readonly channel: Channel;
  /** When the message expires, RFC 3339. */
  readonly expireTime: string;
  /** True if the person got, or may have got, both the RCS message and the SMS. */
  readonly duplicate: boolean;
  /** What the delivery does next, if it learns nothing before. */
  readonly next: NextStep | null;
  /**
   * RBM revokes the message by itself at this time, RFC 3339: the `expireTime` of the create. It does not follow a later
   * expiry. Absent if RBM does not have the message, and once the delivery has settled.
   */
  readonly platformExpireTime?: string;
  /** Whether an SMS follows if the message is not delivered. Absent once it was requested, or the delivery has settled. */
  readonly smsFollows?: boolean;
  /** Present if that SMS needs a confirmed revocation (`hold`), unless RBM surely does not have the message. */
  readonly smsNeedsConfirmation?: true;
  /** Whether a revocation was confirmed. Absent before one is due, if RBM never had the message, or if it delivered it. */
  readonly revocation?: 'confirmed' | 'unconfirmed';
  readonly evidence: readonly TimelineEntry[];
  readonly timeline: readonly TimelineEntry[];
  /** Why the RCS leg ended without a delivery. Absent while it lasts, and if it delivered. */
  readonly reason?: EndReason;
  readonly rcs?: RcsSummary;
  readonly sms?: SmsSummary;
  /** Only with UNCERTAIN: what is known all the same, in a sentence for people. */
  readonly uncertainty?: string;
}

export interface NextStep {
  /** A stable name: an action such as `revoke` or `sendSms`, or an outcome. */
  readonly action: string;
  /** RFC 3339. In the past only if the workers are late. */
  readonly time: string;
  /** Of a revoke: which DELETE it is, from 1. */
  readonly attempt?: number;
  /** Of a revoke: what the delivery does if none is confirmed by then, `sendSms` or an outcome. */
  readonly givesUp?: { readonly action: string; readonly time: string };
}

/** What RBM said about the message when it accepted it. RBM gives both for US numbers (RBM "Billing in the US"). */
export interface RcsSummary {
  readonly carrier?: string;
  readonly richMessageClassification?: { readonly classificationType: string; readonly segmentCount?: number };
}

/** The SMS leg so far. Times are RFC 3339. */
export interface SmsSummary {
  /** Why it was requested. */
  readonly reason?: FallbackReason;
  readonly provider?: string;
  readonly providerMessageId?: string;
  /** Whether the provider accepted the SMS; `unknown` while a request is under way, or has no answer. */
  readonly accepted: 'yes' | 'no' | 'unknown';
  readonly requestedTime: string;
  /** The latest time for the SMS request: when the revocation was due, plus the revocation budget. */
  readonly deadline: string;
  /**
   * How long after the deadline the SMS was requested, as a duration. `"0s"` if in time, and under `hold`: it has no
   * deadline.
   */
  readonly lateness: string;
  /** Until when the SMS is of use: no request is made after this time. */
  readonly validUntil: string;
  readonly receipt?: 'SENT' | 'DELIVERED' | 'UNDELIVERED';
}

/** Whether a lateness is worth showing: a workflow task alone may take up to a second. */
export const isLate = (lateness: string): boolean => durationToMs(lateness) >= SECOND;

/** The result of the workflow `messageDelivery`. */
export interface MessageDeliveryResult {
  readonly outcome: Outcome;
  readonly channel: Channel;
  readonly messageId: string;
  readonly messageTrafficType?: string;
  readonly campaignId?: string;
  readonly duplicate: boolean;
  readonly startTime: string;
  readonly expireTime: string;
  readonly settledTime: string;
  /** Why the RCS leg ended without a delivery. Absent if it delivered. */
  readonly reason?: EndReason;
  /** Whether a revocation was confirmed. Absent if none was needed. */
  readonly revocation?: 'confirmed' | 'unconfirmed';
  readonly rcs?: RcsSummary;
  readonly sms?: SmsSummary;
  /** Only with UNCERTAIN: what is known all the same, in a sentence for people. */
  readonly uncertainty?: string;
  readonly timeline: readonly TimelineEntry[];
}
