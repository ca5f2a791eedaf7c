import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import { SmsError, type SmsProvider } from '../sms/sms-provider.js';
import { checkOptOut, recordSmsOptOut, type OptOutDependencies } from './check-opt-out.js';
import { measuredSms } from './measure.js';
import type { ReconcileSmsInput, ReconcileSmsResult, SendSmsInput, SendSmsResult } from './message-activities.js';
import { smsFailure } from './to-failure.js';

export interface SmsDependencies {
  /** Absent when SMS_PROVIDER is not set: sendSms and reconcileSms then fail without a retry. */
  readonly sms?: SmsProvider;
}

const NO_PROVIDER = 'no SMS provider is configured: set SMS_PROVIDER (docs/configuration.md lists the providers)';

export async function sendSms(
  { sms, optOuts }: SmsDependencies & OptOutDependencies,
  input: SendSmsInput,
): Promise<SendSmsResult> {
  if (sms === undefined) throw ApplicationFailure.nonRetryable(NO_PROVIDER, FailureType.SmsRefused, {});
  refuseOtherProvider(sms, input);
  const details = { repeatable: sms.repeatable, provider: sms.name };
  const person = { agentId: input.agentId, recipient: input.to, channel: 'sms' } as const;
  const began = performance.now();
  if (input.honorOptOut === true) await checkOptOut({ optOuts, person, retryable: false, details: () => ({}) });
  // The workflow reads it if this worker crashes during the request.
  heartbeat(details satisfies FailureDetails);
  const request = { ...input, timeoutMs: input.timeoutMs - (performance.now() - began) };
  try {
    const { providerMessageId } = await measuredSms(
      { provider: sms.name, operation: 'send' },
      () => sms.send(request, cancellationSignal()),
      () => 'accepted',
    );
    return { provider: sms.name, providerMessageId };
  } catch (error) {
    // Some providers throw their own error when cancelled. The request had begun, so it may have been accepted.
    await recordIfOptedOut(error);
    const cutShort = cancellationSignal().aborted && !(error instanceof SmsError);
    throw smsFailure(cutShort ? new SmsError({ kind: 'unanswered', message: 'cancelled' }) : error, details);
  }

  /** The provider may report that the person stopped its SMS, as Twilio does with 21610. */
  async function recordIfOptedOut(error: unknown): Promise<void> {
    if (!(error instanceof SmsError) || reasonOf(error) !== 'optedOut') return;
    const source = `sms:${[sms?.name, error.code].filter((part) => part !== undefined).join(' ')}`;
    await recordSmsOptOut({ optOuts }, person, { source, eventId: input.idempotencyKey });
  }
}

const reasonOf = (error: object): unknown => ('reason' in error ? error.reason : undefined);

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

export async function reconcileSms({ sms }: SmsDependencies, input: ReconcileSmsInput): Promise<ReconcileSmsResult> {
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
