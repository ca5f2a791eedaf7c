import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { FailureType, NO_ACCESS_TOKEN, type FailureDetails } from '../contract/failures.js';
import type {
  RevokeAnswer,
  RevokeAnswered,
  SendAnswer,
  SendAnswered,
  SmsAnswer,
  SmsAnswered,
} from '../domain/evidence.js';

/** What is known of a failed activity: the type of its failure, or why it has none, and the details. */
interface Reading extends FailureDetails {
  readonly type: FailureType | 'Cancelled' | 'NotStarted' | 'TimedOut' | 'Fault';
}

const known: readonly string[] = Object.values(FailureType);

/** The failure of a local activity comes as it is, that of a normal one wrapped in an ActivityFailure. */
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

/** The SMS provider that a worker was calling when the activity timed out, from its last heartbeat. */
function askedProvider({ lastHeartbeatDetails }: TimeoutFailure): Pick<FailureDetails, 'provider' | 'repeatable'> {
  const { provider, repeatable } = (lastHeartbeatDetails ?? {}) as Partial<Record<keyof FailureDetails, unknown>>;
  if (typeof provider !== 'string' || typeof repeatable !== 'boolean') return {};
  return { provider, repeatable };
}

function circumstances(reading: Reading) {
  const { retryAfterMs } = reading;
  const notSent = reading.type === 'RbmNotSent' || reading.type === 'OptOutUnknown' || hasNoToken(reading);
  const reason = reasonOf(reading);
  return {
    ...(retryAfterMs !== undefined && { retryAfter: retryAfterMs }),
    ...(notSent && { notSent }),
    ...(reason !== undefined && reason !== '' && { reason }),
  };
}

/** The token endpoint refused: without a status, RBM was never asked. */
const hasNoToken = ({ type, httpStatus }: Reading) => type === 'RbmUnauthenticated' && httpStatus === undefined;

function reasonOf(reading: Reading): string | undefined {
  const { type, httpStatus, code } = reading;
  if (type === 'OptOutUnknown') return 'opt-outs could not be looked up';
  if (hasNoToken(reading)) return code === undefined ? NO_TOKEN : `${NO_TOKEN} (${code})`;
  if (type === 'RbmNotSent') return code === NO_ACCESS_TOKEN ? NO_TOKEN : code;
  return [httpStatus, code].filter((part) => part !== undefined).join(' ');
}
const NO_TOKEN = 'no access token';

export function sendAnswer(error: unknown): SendAnswered {
  const reading = read(error);
  const answer = SEND_ANSWERS[reading.type] ?? 'failed';
  // A failure without mayBeQueued may have reached RBM, unless its type rules that out: a cancelled call may be under way.
  const mayBeQueued = reading.mayBeQueued ?? !DEFINITE.includes(reading.type);
  return { kind: 'sendAnswered', answer, mayBeQueued, ...circumstances(reading) };
}
const SEND_ANSWERS: Partial<Record<Reading['type'], SendAnswer>> = {
  RbmNotFound: 'notFound',
  RbmInvalidArgument: 'refused',
  RbmPermissionDenied: 'denied',
  OptedOut: 'suppressed',
  Cancelled: 'stopped',
};
const DEFINITE: readonly Reading['type'][] = [
  'RbmNotFound',
  'RbmInvalidArgument',
  'RbmPermissionDenied',
  'RbmUnauthenticated',
  'RbmResourceExhausted',
  'RbmNotSent',
  'OptedOut',
  'OptOutUnknown',
  'NotStarted',
];

/** When the activity had its answer, by its worker's clock (RFC 3339). */
export const answeredTimeOf = (error: unknown) => read(error).answeredTime;

export function revokeAnswer(error: unknown): RevokeAnswered {
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

export function smsAnswer(error: unknown): SmsAnswered {
  const reading = read(error);
  const { repeatable, provider, smsReason, otherProvider } = reading;
  return {
    kind: 'smsAnswered',
    answer: SMS_ANSWERS[reading.type] ?? 'unanswered',
    ...(smsReason !== undefined && { smsReason }),
    ...(otherProvider !== undefined && { otherProvider }),
    ...(repeatable !== undefined && { repeatable }),
    ...(provider !== undefined && { provider }),
    ...circumstances(reading),
  };
}
const SMS_ANSWERS: Partial<Record<Reading['type'], SmsAnswer>> = {
  SmsRefused: 'refused',
  SmsNotSent: 'notSent',
  SmsExpired: 'expired',
  OptedOut: 'suppressed',
  OptOutUnknown: 'notSent',
  NotStarted: 'notStarted',
  // Called off before a worker picked it up: after that it runs to its end.
  Cancelled: 'notSent',
};
