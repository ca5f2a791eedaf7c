import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import { RbmError, type RbmErrorKind } from '../rbm/rbm-error.js';
import { SmsError, type SmsErrorKind } from '../sms/sms-provider.js';

interface Meaning {
  readonly type: FailureType;
  /** Temporal must not repeat it: either it is final, or the workflow has to weigh it first. */
  readonly nonRetryable?: boolean;
  /** Part of normal life, so it is kept out of error logs and error metrics. */
  readonly expected?: boolean;
}

/** 403 may pass, but the workflow counts its few repeats; a 404 on a revoke is evidence to be weighed. */
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

/** An error of the RBM port as a failure. Anything else is a bug of ours and comes back as it is. */
export function rbmFailure(error: unknown, told: Pick<FailureDetails, 'mayBeQueued' | 'answeredTime'> = {}): unknown {
  if (!(error instanceof RbmError)) return error;
  const { message, httpStatus, status, retryAfterMs } = error;
  return failure(RBM[error.kind], message, {
    ...given({ httpStatus, code: status, retryAfterMs }),
    ...told,
  });
}

/**
 * An error of the SMS port as a failure. `repeatable`: the provider's idempotency key makes a repeat harmless; without
 * one an unanswered SMS must be reconciled first (G2), so Temporal must not repeat it.
 */
export function smsFailure(error: unknown, told: Pick<FailureDetails, 'repeatable' | 'provider'> = {}): unknown {
  if (!(error instanceof SmsError)) return error;
  const { kind, message, httpStatus, code, retryAfterMs } = error;
  const inDoubt = kind === 'unanswered' && told.repeatable === false;
  return failure({ ...SMS[kind], ...(inDoubt && { nonRetryable: true }) }, message, {
    ...given({ httpStatus, code, retryAfterMs }),
    ...told,
  });
}

/** No cause is attached: what a library says may hold a number or a secret, and a history keeps it. */
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
