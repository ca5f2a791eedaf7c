import type { FormerActivity, FormerActivityType, FormerFailure, FormerSignal } from '../contract/former-run.js';

/** Temporal's histories of a workflow's runs, as far as `lookBack` needs them. */
export interface RunHistories {
  /**
   * The ids of the workflow's runs, newest first. May lack one that started within the last second or so, since
   * Temporal's lists are eventually consistent. Throws a {@link RunHistoryError}.
   */
  runIds(workflowId: string): Promise<readonly string[]>;
  /** What happened in one run so far, in order, decoded. Throws a {@link RunHistoryError}. */
  read(run: RunId): Promise<readonly RunEvent[]>;
  /** The latest events of a run, newest first. Throws a {@link RunHistoryError}. */
  latestEvents(run: RunId): Promise<readonly LatestEvent[]>;
}

interface LatestEvent {
  /** Epoch milliseconds. */
  readonly time: number;
  /** A worker took an activity. Temporal writes that down when the activity ends, with this time. */
  readonly isActivityStart: boolean;
}

export interface RunId {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * `unavailable`: Temporal did not answer, or refused, now. `gone`: there is no such history (any more). `undecodable`:
 * the codec can't decode it, because it lacks the key for example. The message holds nothing of the history.
 */
export type RunHistoryProblem = 'unavailable' | 'gone' | 'undecodable';

export class RunHistoryError extends Error {
  override readonly name = 'RunHistoryError';

  constructor(
    readonly problem: RunHistoryProblem,
    message: string,
  ) {
    super(message);
  }
}

/** An event of a history. */
export type RunEvent = EventPlace & RunEventBody;

export interface EventPlace {
  /**
   * The same for the same event in the histories of two runs: a reset run begins with a copy of its base run's events.
   */
  readonly key: string;
  /** Its number in its history. */
  readonly eventId: number;
  /** RFC 3339. */
  readonly time: string;
}

export type RunEventBody =
  /** `originalRunId`: the same in a run and in all resets of it. */
  | { readonly kind: 'started'; readonly originalRunId: string }
  /** From here on the run differs from its base run. */
  | { readonly kind: 'reset'; readonly baseRunId: string }
  | ({ readonly kind: 'signal' } & Pick<FormerSignal, 'name' | 'payload'>)
  /** Temporal gives the updates of the base run to a reset run by this event. `updateAccepted` has no request then. */
  | { readonly kind: 'updateAdmitted'; readonly updateId: string; readonly request: UpdateRequest }
  | { readonly kind: 'updateAccepted'; readonly updateId: string; readonly request?: UpdateRequest }
  | { readonly kind: 'cancelRequested' }
  | { readonly kind: 'taskStarted' }
  | { readonly kind: 'taskCompleted' }
  /** The run failed, since its input was in cleartext. */
  | { readonly kind: 'inputRefused' }
  | { readonly kind: 'activityScheduled'; readonly type: FormerActivityType }
  | ({ readonly kind: 'activityEnded'; readonly scheduledEventId: number } & ActivityEnd)
  | ({ readonly kind: 'localActivity'; readonly type: FormerActivityType; readonly endTime: string } & ActivityEnd)
  /** `sequence`: which notification of the delivery it is. */
  | { readonly kind: 'notification'; readonly sequence: number }
  | { readonly kind: 'completed'; readonly result: unknown };

export interface UpdateRequest {
  readonly name: string;
  readonly input: unknown;
}

export interface ActivityEnd {
  readonly end: Exclude<FormerActivity['end'], 'open'>;
  readonly result?: unknown;
  readonly failure?: FormerFailure;
}
