import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import { RbmError, type RbmErrorKind } from '../rbm/rbm-error.js';
import { SmsError, type SmsErrorKind } from '../sms/sms-error.js';

interface Meaning {
  readonly type: FailureType;
  /** Temporal must not retry it: it is final, or the workflow decides. */
  readonly nonRetryable?: boolean;
  /** Occurs in normal operation, so it is kept out of error logs and error metrics. */
  readonly expected?: boolean;
}

/** 403 may be temporary, but the workflow counts its few retries. A 404 on a revoke is evidence for the decider. */
const RBM: Readonly<Record<RbmErrorKind, Meaning>> = {
  invalidArgument: { type: FailureType.RbmInvalidArgument, nonRetryable: true },
  unauthenticated: { type: FailureType.RbmUnauthenticated },
  permissionDenied: { type: FailureType.RbmPermissionDenied, nonRetryable: true },
  notFound: { type: FailureType.RbmNotFound, nonRetryable: true, expected: true },
  resourceExhausted: { type: FailureType.RbmResourceExhausted, expected: true },
  unavailable: { type: FailureType.RbmUnavailable, expected: true },
  unanswered: { type: FailureType.RbmUnanswered, expected: true },
  notSent: { type: FailureType.RbmNotSent },
  unexpected: { type: FailureType.RbmUnexpected },
};

const SMS: Readonly<Record<SmsErrorKind, Meaning>> = {
  refused: { type: FailureType.SmsRefused, nonRetryable: true, expected: true },
  notSent: { type: FailureType.SmsNotSent },
  unanswered: { type: FailureType.SmsUnanswered, expected: true },
};

/**
 * The failure for an error of the RBM port. Any other error is a bug in this project and is returned unchanged.
 * `pauseAfterRefusedToken`: the least pause before the next attempt if RBM or the token endpoint refused a token,
 * in milliseconds.
 */
export function rbmFailure(
  error: unknown,
  details: Pick<FailureDetails, 'mayBeQueued' | 'answeredTime' | 'honorsOptOut'> = {},
  pauseAfterRefusedToken = 0,
): unknown {
  if (!(error instanceof RbmError)) return error;
  const { kind, message, httpStatus, status, retryAfterMs = 0 } = error;
  const pause = kind === 'unauthenticated' ? Math.max(retryAfterMs, pauseAfterRefusedToken) : retryAfterMs;
  return failure(RBM[kind], message, {
    ...given({ httpStatus, code: status, retryAfterMs: pause === 0 ? undefined : pause }),
    ...details,
  });
}

/**
 * The failure for an error of the SMS port. `repeatable`: the provider's idempotency key makes a retry harmless.
 * Without one, an unanswered SMS must be reconciled first (G2), so Temporal must not retry it. `otherProvider`: another
 * provider is left, which may be asked if nothing was sent.
 */
export function smsFailure(
  error: unknown,
  { otherProvider = false, ...details }: Pick<FailureDetails, 'repeatable' | 'provider' | 'otherProvider'> = {},
): unknown {
  if (!(error instanceof SmsError)) return error;
  const { kind, reason, message, httpStatus, code, retryAfterMs } = error;
  const inDoubt = kind === 'unanswered' && details.repeatable === false;
  return failure({ ...SMS[kind], ...(inDoubt && { nonRetryable: true }) }, message, {
    ...given({ httpStatus, code, retryAfterMs }),
    ...details,
    ...(reason !== undefined && { smsReason: reason }),
    ...(kind === 'notSent' && otherProvider && { otherProvider }),
  });
}

/** Attaches no cause: a library's message may hold a number or a secret, and the history keeps it. */
function failure({ type, nonRetryable = false, expected = false }: Meaning, message: string, details: FailureDetails) {
  const { retryAfterMs = 0 } = details;
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable,
    details: [details],
    ...(expected && { category: ApplicationFailureCategory.BENIGN }),
    ...(!nonRetryable && retryAfterMs > 0 && { nextRetryDelay: retryAfterMs }),
  });
}

interface Given {
  readonly httpStatus: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
}

function given({ httpStatus, code, retryAfterMs }: Given): FailureDetails {
  return {
    ...(httpStatus !== undefined && { httpStatus }),
    ...(code !== undefined && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
