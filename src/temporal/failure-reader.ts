import type { temporal } from '@temporalio/proto';
import { isObject } from '../contract/check.js';
import type { FailureDetails } from '../contract/failures.js';
import type { FormerFailure, FormerTimeout } from '../contract/former-run.js';
import type { PayloadReader } from './payload-reader.js';

type Failure = temporal.api.failure.v1.IFailure;

/** The cause inside the wrapper that says that an activity failed. */
function causeOf(failure: Failure | null | undefined): Failure | undefined {
  if (failure?.activityFailureInfo && failure.cause) return causeOf(failure.cause);
  return failure ?? undefined;
}

/** How an activity ended that failed. */
export function endOf(failure: Failure | null | undefined): 'failed' | 'timedOut' | 'cancelled' {
  const cause = causeOf(failure);
  if (cause?.timeoutFailureInfo) return 'timedOut';
  return cause?.canceledFailureInfo ? 'cancelled' : 'failed';
}

/** What the contract says of a failure. No message: an unknown error's may hold anything. */
export async function readFailure(failure: Failure | null | undefined, reader: PayloadReader): Promise<FormerFailure> {
  const cause = causeOf(failure);
  const { applicationFailureInfo: application, timeoutFailureInfo: timeout } = cause ?? {};
  const details = detailsIn(await reader.value(application?.details));
  const lastHeartbeat = detailsIn(await reader.value(timeout?.lastHeartbeatDetails));
  const timeoutType = TIMEOUTS[timeout?.timeoutType ?? 0];
  const type = application?.type ?? '';
  return {
    ...(type !== '' && { type: type.slice(0, LONGEST) }),
    ...(details !== undefined && { details }),
    ...(timeoutType !== undefined && { timeoutType }),
    ...(lastHeartbeat !== undefined && { lastHeartbeat }),
  };
}

/** By Temporal's numbers (temporal.api.enums.v1.TimeoutType). */
const TIMEOUTS: readonly (FormerTimeout | undefined)[] = [
  undefined,
  'START_TO_CLOSE',
  'SCHEDULE_TO_START',
  'SCHEDULE_TO_CLOSE',
  'HEARTBEAT',
];

/** The longest text that is kept of a failure, in characters. */
const LONGEST = 200;

/** The fields of the contract that have their type. The history may be another version's. */
function detailsIn(value: unknown): FailureDetails | undefined {
  if (!isObject(value)) return undefined;
  const fields = Object.entries(DETAILS).flatMap(([field, type]) => {
    const given = value[field];
    if (typeof given !== type) return [];
    return [[field, typeof given === 'string' ? given.slice(0, LONGEST) : given]];
  });
  return Object.fromEntries(fields) as FailureDetails;
}

const DETAILS: Readonly<Record<keyof FailureDetails, 'string' | 'number' | 'boolean'>> = {
  httpStatus: 'number',
  code: 'string',
  retryAfterMs: 'number',
  mayBeQueued: 'boolean',
  honorsOptOut: 'boolean',
  answeredTime: 'string',
  repeatable: 'boolean',
  provider: 'string',
  smsReason: 'string',
  otherProvider: 'boolean',
};
