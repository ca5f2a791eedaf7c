import type { MessageDeliveryInput } from '../../../src/contract/input.js';

/** How RBM, the person, the SMS providers and the operators behave in one run. All times are milliseconds from the start. */
export interface Scenario {
  readonly input: Partial<MessageDeliveryInput>;
  /** One entry per create call. The last one repeats. */
  readonly creates: readonly CreateBehaviour[];
  /** One entry per DELETE. The last one repeats. */
  readonly deletes: readonly DeleteBehaviour[];
  /** When the phone comes online. Infinity: never. */
  readonly onlineAfter: number;
  /** The Retry-After of a 429 or a 5xx, if it has one. */
  readonly retryAfter?: number;
  /** How RBM answers a DELETE that comes too late, by Google's newer or older documents: 404 (`new`) or 200 (`old`). */
  readonly reading: 'new' | 'old';
  /** One DELIVERED event per entry, this long after the phone got the message. None: the event is lost. */
  readonly deliveredDelays: readonly number[];
  /** What RBM reports at the platform's expiry. `contrary`: always that the revocation failed. */
  readonly ttlEvent: { readonly kind: 'honest' | 'contrary' | 'none'; readonly delay: number };
  /** Events that have nothing to do with what happened. */
  readonly strays: readonly Stray[];
  /** When the person opts out, and how long the delivery's signal takes then. Infinity: it never comes. */
  readonly optsOut?: { readonly after: number; readonly signalAfter: number };
  /** In order of preference. */
  readonly smsProviders: readonly ScriptedProvider[];
  /** One entry per look-up of an SMS. The last one repeats. */
  readonly reconciles: readonly ('honest' | 'unknown')[];
  /** The receipts of each SMS that was sent, each this long after it. */
  readonly receipts: readonly { readonly status: 'DELIVERED' | 'UNDELIVERED' | 'SENT'; readonly delay: number }[];
  /** Which event proves that the phone got the message. */
  readonly proof: 'delivered' | 'read' | 'replied';
  /** While the worker is down nothing is decided. Events and answers wait until it is back. */
  readonly outages: readonly { readonly after: number; readonly lasts: number }[];
  /** A backlog: every timer fires this much late. */
  readonly lag: number;
  /** Temporal can say after a late wait whether it was down itself. */
  readonly tellsOutages: boolean;
  /** Resets of the workflow to a point at which it `keeps` this part of its evidence: 0 is its start. */
  readonly resets: readonly { readonly after: number; readonly keeps: number }[];
  /** Whether the history of the run before a reset can still be read. */
  readonly historyIsReadable: boolean;
  readonly operators: readonly { readonly after: number; readonly does: OperatorAction }[];
}

export interface ScriptedProvider {
  readonly isIdempotent: boolean;
  /** One entry per request to this provider. The last one repeats. */
  readonly answers: readonly SmsBehaviour[];
}

/**
 * `slow`: accepted and queued only after 10 s. `repeated`: Temporal repeats the call until it is stopped.
 * `lost…`: the answer is lost. `anotherRun…`: 409, since another run of this message had it accepted, and may have sent the
 * SMS.
 */
type CreateBehaviour =
  | 'ok'
  | 'slow'
  | 'repeated'
  | 'lostButQueued'
  | 'lost'
  | '404'
  | '400'
  | '403'
  | '429'
  | 'hangs'
  | 'anotherRun'
  | 'anotherRunWithSms';
export type DeleteBehaviour = 'ok' | 'lostButDone' | 'lost' | '404' | '500' | '429' | 'hangs';
export type SmsBehaviour =
  | 'ok'
  | 'lostButSent'
  /** The worker crashed before it could say which provider it asked. */
  | 'crashed'
  | 'crashedButSent'
  | 'lost'
  | 'account'
  | 'unreachable'
  | 'throttled'
  | 'refused'
  | 'notStarted';
export type OperatorAction = 'cancel' | 'revokeNow' | 'revokeNowNoSms' | 'extend' | 'shorten';

interface Stray {
  readonly after: number;
  readonly kind: 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed' | 'smsDelivered' | 'deliveredToAnother';
}

/** The behaviour of the call with this index, counted from 0. */
export const behaviourOf = <T>(behaviours: readonly T[], call: number): T =>
  behaviours[Math.min(call, behaviours.length - 1)] as T;

/** Retry-After as the answer's evidence carries it. */
export const retryAfterOf = ({ retryAfter }: Scenario) => (retryAfter === undefined ? {} : { retryAfter });
