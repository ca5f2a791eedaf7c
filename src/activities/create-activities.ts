import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import type { RbmClient } from '../rbm/rbm-client.js';
import { RbmError } from '../rbm/rbm-error.js';
import { SmsError, type SmsProvider } from '../sms/sms-provider.js';
import { earlierAttemptMayHaveQueued, tellNextAttempt } from './earlier-attempts.js';
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
  /** Absent when SMS_PROVIDER is not set: then sendSms fails for good, and everything else works. */
  readonly sms?: SmsProvider;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Each makes one request through its port and turns the port's errors into the failures of src/contract/failures.ts. */
export function createActivities(deps: ActivityDependencies): MessageActivities {
  return {
    sendRcs: (input) => sendRcs(deps, input),
    revokeRcs: (input) => revokeRcs(deps, input),
    sendSms: (input) => sendSms(deps, input),
    reconcileSms: (input) => reconcileSms(deps, input),
  };
}

/** A request with less time than this would only be a way to get no answer. Milliseconds. */
const SHORTEST_TIMEOUT_MS = 500;

async function sendRcs({ rbm, now = Date.now }: ActivityDependencies, input: SendRcsInput): Promise<SendRcsResult> {
  const { mayBeQueued, revokeTime, timeoutMs, ...message } = input;
  const queuedBefore = earlierAttemptMayHaveQueued() || mayBeQueued;
  const timeLeft = Date.parse(revokeTime) - now();
  const answeredTime = () => new Date(now()).toISOString();
  // A worker that begins late must not send what should have been taken back by now.
  if (timeLeft <= 0)
    throw rbmFailure(new RbmError({ kind: 'notSent', message: 'not sent: its time is over' }), {
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
    const left = { mayBeQueued: queuedBefore || mayHaveQueued(error) };
    const failure = rbmFailure(error, { ...left, answeredTime: answeredTime() });
    const isFinal = failure instanceof ApplicationFailure && failure.nonRetryable;
    if (!isFinal) tellNextAttempt(left);
    throw failure;
  }
}

/** Whether RBM may hold the message although the call failed. A fault of ours can't tell. */
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

const NO_PROVIDER = 'no SMS provider is configured: set SMS_PROVIDER to "twilio" or "http"';

async function sendSms({ sms }: ActivityDependencies, input: SendSmsInput): Promise<SendSmsResult> {
  if (sms === undefined) throw ApplicationFailure.nonRetryable(NO_PROVIDER, FailureType.SmsRefused, {});
  refuseAnother(sms, input);
  const asked = { repeatable: sms.repeatable, provider: sms.name };
  // For the workflow, should this worker die with the request under way.
  heartbeat(asked satisfies FailureDetails);
  try {
    const { providerMessageId } = await measuredSms(
      { provider: sms.name, operation: 'send' },
      () => sms.send(input, cancellationSignal()),
      () => 'accepted',
    );
    return { provider: sms.name, providerMessageId };
  } catch (error) {
    // A provider that passes on how it was called off: the request had begun all the same.
    const cutShort = cancellationSignal().aborted && !(error instanceof SmsError);
    throw smsFailure(cutShort ? new SmsError({ kind: 'unanswered', message: 'cancelled' }) : error, asked);
  }
}

/** Whether the request before was taken is known to the provider that got it alone: SMS_PROVIDER was changed meanwhile. */
function refuseAnother({ name }: SmsProvider, { unansweredBy }: { readonly unansweredBy?: string }): void {
  if (unansweredBy === undefined || unansweredBy === name) return;
  const message = `an earlier request went to ${unansweredBy}, and SMS_PROVIDER is ${name} now`;
  const details: FailureDetails = { repeatable: false, provider: unansweredBy };
  throw ApplicationFailure.nonRetryable(message, FailureType.SmsUnanswered, details);
}

/** As the metric's label `result` says it. */
const RECONCILED = { yes: 'found', no: 'notFound', repeatable: 'repeatable' } as const;

async function reconcileSms({ sms }: ActivityDependencies, input: ReconcileSmsInput): Promise<ReconcileSmsResult> {
  if (sms === undefined) throw ApplicationFailure.retryable(NO_PROVIDER, FailureType.SmsUnanswered, {});
  refuseAnother(sms, input);
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
