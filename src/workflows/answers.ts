import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { FailureType, NO_ACCESS_TOKEN, type FailureDetails } from '../contract/failures.js';
import { NOT_SENT, type Finding, type RevokeAnswer, type SendAnswer, type SmsAnswer } from '../domain/evidence.js';

/** A failed activity, read: the type of its failure, or how it came to no answer at all. */
interface Reading extends FailureDetails {
  readonly type: FailureType | 'Cancelled' | 'NotStarted' | 'TimedOut' | 'Fault';
}

const known: readonly string[] = Object.values(FailureType);

/** A local activity's failure comes bare, a normal one's wrapped in an ActivityFailure. */
function read(error: unknown): Reading {
  if (isCancellation(error)) return { type: 'Cancelled' };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    if (cause.timeoutType === 'SCHEDULE_TO_START') return { type: 'NotStarted' };
    return { ...askedProvider(cause), type: 'TimedOut' };
  }
  if (!(cause instanceof ApplicationFailure) || !known.includes(cause.type ?? '')) return { type: 'Fault' };
  const [details] = (cause.details ?? []) as [FailureDetails?];
  return { ...details, type: cause.type as FailureType };
}

/** Whom a worker was about to ask for the SMS before it fell silent: its word to us, as its last heartbeat. */
function askedProvider({ lastHeartbeatDetails }: TimeoutFailure): Pick<FailureDetails, 'provider' | 'repeatable'> {
  const { provider, repeatable } = (lastHeartbeatDetails ?? {}) as Partial<Record<keyof FailureDetails, unknown>>;
  if (typeof provider !== 'string' || typeof repeatable !== 'boolean') return {};
  return { provider, repeatable };
}

function circumstances(reading: Reading) {
  const { retryAfterMs } = reading;
  const reason = reasonOf(reading);
  return {
    ...(retryAfterMs !== undefined && { retryAfter: retryAfterMs }),
    ...(reason !== '' && { reason }),
  };
}

function reasonOf({ type, httpStatus, code }: Reading): string {
  // Without a status it is the token endpoint that refused us, so RBM was never asked.
  if (type === 'RbmUnauthenticated' && httpStatus === undefined)
    return notSent(`${NO_TOKEN}${code ? ` (${code})` : ''}`);
  if (type === 'RbmNotSent') return notSent(code === NO_ACCESS_TOKEN ? NO_TOKEN : code);
  return [httpStatus, code].filter((part) => part !== undefined).join(' ');
}
const NO_TOKEN = 'no access token';
const notSent = (why: string | undefined) => (why === undefined ? NOT_SENT : `${NOT_SENT}, ${why}`);

export function sendAnswer(error: unknown): Finding {
  const reading = read(error);
  const answer = SEND_ANSWERS[reading.type] ?? 'failed';
  // Without a word on it, an attempt may have reached RBM: cancelled ones were called off between two attempts, or not.
  const mayBeQueued = reading.mayBeQueued ?? !DEFINITE.includes(reading.type);
  return { kind: 'sendAnswered', answer, mayBeQueued, ...circumstances(reading) };
}
const SEND_ANSWERS: Partial<Record<Reading['type'], SendAnswer>> = {
  RbmNotFound: 'notFound',
  RbmInvalidArgument: 'refused',
  RbmPermissionDenied: 'denied',
  Cancelled: 'stopped',
};
const DEFINITE: readonly Reading['type'][] = [
  'RbmNotFound',
  'RbmInvalidArgument',
  'RbmPermissionDenied',
  'RbmUnauthenticated',
  'RbmResourceExhausted',
  'RbmNotSent',
  'NotStarted',
];

/** When the activity had its answer, as it says itself. */
export const answeredTimeOf = (error: unknown) => read(error).answeredTime;

export function revokeAnswer(error: unknown): Finding {
  const reading = read(error);
  return { kind: 'revokeAnswered', answer: REVOKE_ANSWERS[reading.type] ?? 'unanswered', ...circumstances(reading) };
}
const REVOKE_ANSWERS: Partial<Record<Reading['type'], RevokeAnswer>> = {
  RbmNotFound: 'notFound',
  RbmInvalidArgument: 'refused',
  RbmPermissionDenied: 'refused',
  RbmUnauthenticated: 'refused',
  RbmResourceExhausted: 'refused',
  RbmNotSent: 'refused',
  RbmUnavailable: 'failed',
  RbmUnexpected: 'failed',
};

export function smsAnswer(error: unknown): Finding {
  const reading = read(error);
  const { repeatable, provider } = reading;
  return {
    kind: 'smsAnswered',
    answer: SMS_ANSWERS[reading.type] ?? 'unanswered',
    ...(repeatable !== undefined && { repeatable }),
    ...(provider !== undefined && { provider }),
    ...circumstances(reading),
  };
}
const SMS_ANSWERS: Partial<Record<Reading['type'], SmsAnswer>> = {
  SmsRefused: 'refused',
  SmsNotSent: 'notSent',
  NotStarted: 'notStarted',
  // Called off before a worker had begun: once begun, it runs to its end.
  Cancelled: 'notSent',
};
