import type { LoadedDataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { FailureDetails } from '../contract/failures.js';
import { endOf, readFailure } from './failure-reader.js';
import { createPayloadReader, type PayloadReader } from './payload-reader.js';
import { millisecondsOf } from './run-events.js';

type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** A request to RBM or to the SMS provider that is under way, or is going to be tried again. Times are RFC 3339. */
export interface PendingRequest {
  /** The activity, such as `sendRcs`. */
  readonly activity: string;
  /** `waiting`: for its time, or for a worker. `running`: a worker has it. `paused`: an operator has paused it. */
  readonly state: 'waiting' | 'running' | 'paused';
  /** From 1. */
  readonly attempt: number;
  /** When the attempt began. Only while it runs. */
  readonly startedTime?: string;
  /** When a waiting attempt is due. In the past if no worker takes it. */
  readonly dueTime?: string;
  /** Nothing is tried after this time. */
  readonly lastTime?: string;
  /** The worker that has it, or had it last, as Temporal knows it. */
  readonly worker?: string;
  readonly lastFailure?: PendingFailure;
}

/** How the attempt before failed. No message: it may hold anything. */
export interface PendingFailure extends Pick<FailureDetails, 'httpStatus' | 'code'> {
  /** A type of src/contract/failures.ts, or that of an unexpected error. Absent for a timeout. */
  readonly type?: string;
  readonly timedOut?: true;
}

/** Reads what Temporal's `describe` says about the pending activities of a workflow. Needs no worker. */
export async function pendingRequests(
  raw: { readonly pendingActivities?: readonly PendingActivity[] | null },
  dataConverter: LoadedDataConverter,
): Promise<PendingRequest[]> {
  const reader = createPayloadReader(dataConverter);
  return Promise.all((raw.pendingActivities ?? []).map((one) => requestOf(one, reader)));
}

async function requestOf(activity: PendingActivity, reader: PayloadReader): Promise<PendingRequest> {
  const state = STATES[activity.state ?? 0] ?? 'waiting';
  const startedTime = state === 'running' ? timeOf(activity.lastStartedTime) : undefined;
  const dueTime = state === 'waiting' ? timeOf(activity.nextAttemptScheduleTime ?? activity.scheduledTime) : undefined;
  const lastTime = timeOf(activity.expirationTime);
  const { lastFailure } = activity;
  const worker = activity.lastWorkerIdentity ?? '';
  return {
    activity: activity.activityType?.name ?? '',
    state,
    attempt: activity.attempt ?? 1,
    ...(startedTime !== undefined && { startedTime }),
    ...(dueTime !== undefined && { dueTime }),
    ...(lastTime !== undefined && { lastTime }),
    ...(worker !== '' && { worker }),
    ...(lastFailure && { lastFailure: await failureOf(lastFailure, reader) }),
  };
}

/** By Temporal's numbers (temporal.api.enums.v1.PendingActivityState). One to be cancelled still runs. */
const STATES: readonly (PendingRequest['state'] | undefined)[] = [
  undefined,
  'waiting',
  'running',
  'running',
  'paused',
  'running',
];

/** Without the keys, the type is still known: only the details are encrypted. */
async function failureOf(
  failure: NonNullable<PendingActivity['lastFailure']>,
  reader: PayloadReader,
): Promise<PendingFailure> {
  const withoutDetails: PayloadReader = { ...reader, value: () => Promise.resolve(undefined) };
  const known = await readFailure(failure, reader).catch(() => readFailure(failure, withoutDetails));
  const { type, details: { httpStatus, code } = {} } = known;
  return {
    ...(type !== undefined && { type }),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(code !== undefined && { code }),
    ...(endOf(failure) === 'timedOut' && { timedOut: true }),
  };
}

function timeOf(timestamp: PendingActivity['scheduledTime']): string | undefined {
  const ms = timestamp ? millisecondsOf(timestamp) : 0;
  return ms > 0 ? new Date(ms).toISOString() : undefined;
}
