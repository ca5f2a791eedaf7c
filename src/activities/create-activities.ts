import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import type { RbmClient } from '../rbm/rbm-client.js';
import { RbmError } from '../rbm/rbm-error.js';
import { SmsError, type SmsProvider } from '../sms/sms-provider.js';
import { earlierAttemptMayHaveQueued, recordForNextAttempt } from './earlier-attempts.js';
import { measuredRbm, measuredSms } from './measure.js';
import type {
  MessageActivities,
  ReconcileSmsInput,
  ReconcileSmsResult,
  RevokeRcsInput,
  SendRcsInput,
  SendRcsResult,
  SendSmsInput,
  SendSmsResult,
} from './message-activities.js';
import { rbmFailure, smsFailure } from './to-failure.js';

export interface ActivityDependencies {
  readonly rbm: RbmClient;
  /** Absent when SMS_PROVIDER is not set: sendSms and reconcileSms then fail without a retry. */
  readonly sms?: SmsProvider;
  /** The current time, epoch milliseconds. Default: Date.now. */
  readonly now?: () => number;
}

/** The activities. Each makes one request through its port and turns the port's errors into the contract's failures. */
export function createActivities(deps: ActivityDependencies): MessageActivities {
  return {
    sendRcs: (input) => sendRcs(deps, input),
    revokeRcs: (input) => revokeRcs(deps, input),
    sendSms: (input) => sendSms(deps, input),
    reconcileSms: (input) => reconcileSms(deps, input),
  };
}

/** No request gets less time than this, since it could hardly be answered. Milliseconds. */
const SHORTEST_TIMEOUT_MS = 500;

async function sendRcs({ rbm, now = Date.now }: ActivityDependencies, input: SendRcsInput): Promise<SendRcsResult> {
  const { mayBeQueued, revokeTime, timeoutMs, ...message } = input;
  const queuedBefore = earlierAttemptMayHaveQueued() || mayBeQueued;
  const timeLeft = Date.parse(revokeTime) - now();
  const answeredTime = () => new Date(now()).toISOString();
  // A late worker must not send a message that should have been revoked by now.
  if (timeLeft <= 0)
    throw rbmFailure(new RbmError({ kind: 'notSent', message: 'not sent: the revocation was already due' }), {
      mayBeQueued: queuedBefore,
      answeredTime: answeredTime(),
    });
  const request = { ...message, timeoutMs: Math.max(Math.min(timeoutMs, timeLeft), SHORTEST_TIMEOUT_MS) };
  try {
    const { acceptedEarlier, expireTime } = await measuredRbm(
      'create',
      () => rbm.createAgentMessage(request, cancellationSignal()),
      (answer) => (answer.acceptedEarlier ? 'acceptedEarlier' : 'ok'),
    );
    return { acceptedEarlier, answeredTime: answeredTime(), ...(expireTime !== undefined && { expireTime }) };
  } catch (error) {
    const mayBeQueuedNow = queuedBefore || mayHaveQueued(error);
    const failure = rbmFailure(error, { mayBeQueued: mayBeQueuedNow, answeredTime: answeredTime() });
    const isFinal = failure instanceof ApplicationFailure && failure.nonRetryable;
    if (!isFinal) recordForNextAttempt({ mayBeQueued: mayBeQueuedNow });
    throw failure;
  }
}

/**
 * Whether RBM may have queued the message although the call failed. True for an unknown error, which proves nothing.
 */
function mayHaveQueued(error: unknown): boolean {
  if (!(error instanceof RbmError)) return true;
  return error.kind === 'unanswered' || error.kind === 'unavailable' || error.kind === 'unexpected';
}

async function revokeRcs({ rbm }: ActivityDependencies, input: RevokeRcsInput): Promise<void> {
  try {
    await measuredRbm('revoke', () => rbm.deleteAgentMessage(input, cancellationSignal()));
  } catch (error) {
    throw rbmFailure(error);
  }
}

const NO_PROVIDER = 'no SMS provider is configured: set SMS_PROVIDER (docs/configuration.md lists the providers)';

async function sendSms({ sms }: ActivityDependencies, input: SendSmsInput): Promise<SendSmsResult> {
  if (sms === undefined) throw ApplicationFailure.nonRetryable(NO_PROVIDER, FailureType.SmsRefused, {});
  refuseOtherProvider(sms, input);
  const details = { repeatable: sms.repeatable, provider: sms.name };
  // The workflow reads it if this worker crashes during the request.
  heartbeat(details satisfies FailureDetails);
  try {
    const { providerMessageId } = await measuredSms(
      { provider: sms.name, operation: 'send' },
      () => sms.send(input, cancellationSignal()),
      () => 'accepted',
    );
    return { provider: sms.name, providerMessageId };
  } catch (error) {
    // Some providers throw their own error when cancelled. The request had begun, so it may have been accepted.
    const cutShort = cancellationSignal().aborted && !(error instanceof SmsError);
    throw smsFailure(cutShort ? new SmsError({ kind: 'unanswered', message: 'cancelled' }) : error, details);
  }
}

/**
 * Throws when SMS_PROVIDER was changed after an unanswered request. Only the former provider knows what became of it.
 */
function refuseOtherProvider({ name }: SmsProvider, { unansweredBy }: { readonly unansweredBy?: string }): void {
  if (unansweredBy === undefined || unansweredBy === name) return;
  const message = `SMS_PROVIDER is ${name} now; an earlier request went to ${unansweredBy}, which has to be asked`;
  const details: FailureDetails = { repeatable: false, provider: unansweredBy };
  throw ApplicationFailure.nonRetryable(message, FailureType.SmsUnanswered, details);
}

/** The metric's label `result` for each reconciliation. */
const RECONCILED = { yes: 'found', no: 'notFound', repeatable: 'repeatable' } as const;

async function reconcileSms({ sms }: ActivityDependencies, input: ReconcileSmsInput): Promise<ReconcileSmsResult> {
  if (sms === undefined) throw ApplicationFailure.retryable(NO_PROVIDER, FailureType.SmsUnanswered, {});
  refuseOtherProvider(sms, input);
  try {
    const result = await measuredSms(
      { provider: sms.name, operation: 'reconcile' },
      () => sms.reconcile(input, cancellationSignal()),
      ({ found }) => RECONCILED[found],
    );
    return result.found === 'yes' ? { ...result, provider: sms.name } : result;
  } catch (error) {
    throw smsFailure(error);
  }
}
