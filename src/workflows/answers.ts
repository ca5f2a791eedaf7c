import type { SendRcsResult } from '../activities/message-activities.js';
import { NO_ACCESS_TOKEN } from '../contract/failures.js';
import type {
  RevokeAnswer,
  RevokeAnswered,
  SendAnswer,
  SendAnswered,
  SmsAnswer,
  SmsAnswered,
} from '../domain/evidence.js';
import { readFailure, type Reading } from './failure-reading.js';

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

/** What a create that RBM accepted is evidence of. */
export function accepted({
  sentByAnotherRun = false,
  honorsOptOut = false,
  carrier,
  richMessageClassification,
}: SendRcsResult): SendAnswered {
  const summary = {
    ...(carrier !== undefined && { carrier }),
    ...(richMessageClassification !== undefined && { richMessageClassification }),
  };
  return {
    kind: 'sendAnswered',
    answer: 'accepted',
    mayBeQueued: true,
    ...(sentByAnotherRun && { sentByAnotherRun }),
    ...(honorsOptOut && { honorsOptOut }),
    ...(Object.keys(summary).length > 0 && { summary }),
  };
}
export const sendAnswer = (error: unknown): SendAnswered => sendAnswerOf(readFailure(error));

export function sendAnswerOf(reading: Reading): SendAnswered {
  const answer = SEND_ANSWERS[reading.type] ?? 'failed';
  // A failure without mayBeQueued may have reached RBM, unless its type rules that out: a cancelled call may be under way.
  const mayBeQueued = reading.mayBeQueued ?? !DEFINITE.includes(reading.type);
  const { honorsOptOut = false } = reading;
  return {
    kind: 'sendAnswered',
    answer,
    mayBeQueued,
    ...(honorsOptOut && { honorsOptOut }),
    ...circumstances(reading),
  };
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
export const answeredTimeOf = (error: unknown) => readFailure(error).answeredTime;

export const revokeAnswer = (error: unknown): RevokeAnswered => revokeAnswerOf(readFailure(error));

export function revokeAnswerOf(reading: Reading): RevokeAnswered {
  return {
    kind: 'revokeAnswered',
    answer: REVOKE_ANSWERS[reading.type] ?? 'unanswered',
    ...(reading.type === 'WorkerLost' && { workerLost: true }),
    ...circumstances(reading),
  };
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

export const smsAnswer = (error: unknown): SmsAnswered => smsAnswerOf(readFailure(error));

export function smsAnswerOf(reading: Reading): SmsAnswered {
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
