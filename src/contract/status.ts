import { durationToMs, SECOND } from './duration.js';

/** Where an open delivery stands. */
export const PHASES = [
  'SENDING',
  'AWAITING_DELIVERY',
  'REVOKING',
  'CONFIRMING_REVOCATION',
  'FALLING_BACK',
  'AWAITING_SMS_RECEIPT',
] as const;
export type Phase = (typeof PHASES)[number];

/** How a delivery ended. */
export const OUTCOMES = [
  /** The phone has the RCS message: DELIVERED, READ or a reply proves it. */
  'DELIVERED',
  /** The SMS provider's receipt proves the SMS. */
  'DELIVERED_BY_SMS',
  /** The SMS provider took the SMS; no receipt came in time. */
  'SENT_BY_SMS',
  /** The message was taken back, and no SMS was asked for. */
  'REVOKED',
  /** What the phone got can't be known. */
  'UNCERTAIN',
  /** Neither RBM nor the SMS provider could deliver. */
  'UNDELIVERABLE',
  /** The workflow was cancelled; the message was taken back as far as possible. */
  'CANCELLED',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What reached the person: `null` when nothing is known to have. */
export type Channel = 'RCS' | 'SMS' | null;

/** Who said it. `timer`: our own clock; `rbm`, `sms`: an answer to our call; `webhook`: an event. */
export type EvidenceSource = 'workflow' | 'timer' | 'rbm' | 'webhook' | 'sms' | 'operator';

/** One line of a delivery's story. Holds no number and no text. */
export interface TimelineEntry {
  /** When the workflow learned it, RFC 3339. */
  readonly time: string;
  readonly source: EvidenceSource;
  /** A stable name such as `revokeAnswered`. */
  readonly event: string;
  /** What it said: an answer, a status, a reason's kind. */
  readonly detail?: string;
}

/** The answer of the query `status`, and of every update. */
export interface DeliveryStatus {
  readonly agentId: string;
  readonly messageId: string;
  /** The phase while it runs, then the outcome. */
  readonly status: Phase | Outcome;
  readonly phase: Phase | null;
  readonly outcome: Outcome | null;
  readonly channel: Channel;
  /** When the message is taken back, RFC 3339. */
  readonly expireTime: string;
  /** True when the person got, or may have got, the message twice. */
  readonly duplicate: boolean;
  /** What will happen next and when (RFC 3339), if nothing else is learned first. */
  readonly next: { readonly action: string; readonly time: string } | null;
  readonly evidence: readonly TimelineEntry[];
  readonly timeline: readonly TimelineEntry[];
  readonly sms?: SmsSummary;
  /** Only of UNCERTAIN: what is known all the same, in a sentence for people. */
  readonly uncertainty?: string;
}

/** The SMS leg, as far as it got. Times are RFC 3339. */
export interface SmsSummary {
  readonly provider?: string;
  readonly providerMessageId?: string;
  /** Whether the provider accepted the SMS; `unknown` while a request is under way, or has no answer. */
  readonly accepted: 'yes' | 'no' | 'unknown';
  readonly requestedTime: string;
  /** The latest moment at which the SMS was to be requested: expiry plus revocation budget. */
  readonly deadline: string;
  /** How long after the deadline it was requested, as a duration; `"0s"` when in time, and under `hold`, which has none. */
  readonly lateness: string;
  readonly receipt?: 'SENT' | 'DELIVERED' | 'UNDELIVERED';
}

/** Whether people are told of it: less than a second is what a workflow task takes. */
export const isLate = (lateness: string): boolean => durationToMs(lateness) >= SECOND;

/** The result of the workflow `messageDelivery`. */
export interface MessageDeliveryResult {
  readonly outcome: Outcome;
  readonly channel: Channel;
  readonly messageId: string;
  readonly duplicate: boolean;
  readonly expireTime: string;
  readonly settledTime: string;
  readonly sms?: SmsSummary;
  /** Only of UNCERTAIN: what is known all the same, in a sentence for people. */
  readonly uncertainty?: string;
  readonly timeline: readonly TimelineEntry[];
}
