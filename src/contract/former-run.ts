import type { FailureDetails } from './failures.js';
import {
  deliveredSignal,
  optedOutSignal,
  readSignal,
  repliedSignal,
  smsStatusSignal,
  ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailedSignal,
  type ChangeExpiryInput,
  type RevokeNowInput,
} from './messages.js';
import type { Outcome } from './status.js';

/*
 * What the runs before an operator's reset had learned, and the reset run does not find in its own history. Plain JSON,
 * well below 1 MB. Holds no content and no text of a message, and no input of an activity. Times are RFC 3339.
 */

export interface FormerRuns {
  /** The reset run that looked back. A reset of that run has to look back again. */
  readonly runId?: string;
  /** In the order of time. */
  readonly facts: readonly FormerFact[];
  /** Whether one of them took the input, and did not refuse it as cleartext. Absent in what an older worker found. */
  readonly inputTaken?: boolean;
  /** The highest sequence number of the notifications that they started; 0 if there was none. */
  readonly notifications: number;
}

/** The patch with which a run refused an input in cleartext. */
export const INPUT_REFUSED_PATCH = 'cleartext-refused';

export type FormerFact = FormerSignal | FormerUpdate | FormerCancellation | FormerActivity | FormerCompletion;

/** A signal to a former run. Temporal may have given it to the reset run as well. */
export interface FormerSignal {
  readonly kind: 'signal';
  readonly name: string;
  /** The contract's fields in it that are texts. Not checked further: it may have been sent by hand. */
  readonly payload: Readonly<Partial<Record<SignalField, string>>>;
  readonly time: string;
}

/** The fields of all signals. `from` is the phone number in the event, which the delivery compares with its own. */
export const SIGNAL_FIELDS = ['eventId', 'sendTime', 'from', 'status', 'source'] as const;
type SignalField = (typeof SIGNAL_FIELDS)[number];

/** The signals that are facts. A delivery ignores all others. */
export const FORMER_SIGNALS: readonly string[] = [
  deliveredSignal,
  readSignal,
  repliedSignal,
  ttlExpirationRevokedSignal,
  ttlExpirationRevokeFailedSignal,
  smsStatusSignal,
  optedOutSignal,
].map(({ name }) => name);

/** An update that a former run accepted. Refused updates are in no history. */
export type FormerUpdate =
  | { readonly kind: 'update'; readonly name: 'revokeNow'; readonly input: RevokeNowInput; readonly time: string }
  | {
      readonly kind: 'update';
      readonly name: 'changeExpiry';
      readonly input: ChangeExpiryInput;
      readonly time: string;
    };

/** Temporal never gives it to the reset run. */
interface FormerCancellation {
  readonly kind: 'cancelRequested';
  readonly time: string;
}

/** A former run completed. */
interface FormerCompletion {
  readonly kind: 'completed';
  /** Absent if its result is none of this version. */
  readonly outcome?: Outcome;
  readonly time: string;
}

export const FORMER_ACTIVITIES = ['sendRcs', 'revokeRcs', 'sendSms', 'reconcileSms'] as const;
export type FormerActivityType = (typeof FORMER_ACTIVITIES)[number];

/** A request of a former run. */
export interface FormerActivity {
  readonly kind: 'activity';
  readonly type: FormerActivityType;
  readonly local: boolean;
  /** For a local activity, when its workflow task started. */
  readonly scheduledTime: string;
  /** Absent while it is open. */
  readonly endTime?: string;
  /**
   * `open`: it had not ended when the run ended, so it may have had any effect, or may still have one. Temporal drops
   * its answer. A local activity that was open leaves no trace at all.
   */
  readonly end: 'completed' | 'failed' | 'timedOut' | 'cancelled' | 'open';
  /** What it returned. Absent for `void`. */
  readonly result?: unknown;
  readonly failure?: FormerFailure;
}

export interface FormerFailure {
  /** The type of the ApplicationFailure. */
  readonly type?: string;
  readonly details?: FailureDetails;
  readonly timeoutType?: FormerTimeout;
  /** What the attempt that timed out had recorded. */
  readonly lastHeartbeat?: FailureDetails;
}

export type FormerTimeout = 'START_TO_CLOSE' | 'SCHEDULE_TO_START' | 'SCHEDULE_TO_CLOSE' | 'HEARTBEAT';
