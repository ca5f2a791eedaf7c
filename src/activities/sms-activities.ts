import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { agentIn, type Agents } from '../contract/agents.js';
import { FailureType, type FailureDetails } from '../contract/failures.js';
import { SmsError } from '../sms/sms-error.js';
import { usableId } from '../sms/message-id.js';
import type { SmsProvider } from '../sms/sms-provider.js';
import { checkOptOut, recordSmsOptOut, type OptOutPort } from './check-opt-out.js';
import { isShuttingDown, longRequest } from './long-request.js';
import { measuredSms } from './measure.js';
import type { ReconcileSmsInput, ReconcileSmsResult, SendSmsInput, SendSmsResult } from './message-activities.js';
import type { SmsNotices } from './sms-notices.js';
import type { SmsProviders } from './sms-providers.js';
import { smsFailure } from './to-failure.js';

export interface SmsDependencies {
  /**
   * In order of preference, each with a name of its own. One provider may be given as it is. Absent or empty: sendSms
   * fails for good, and reconcileSms until there is a provider.
   */
  readonly sms?: SmsProvider | readonly SmsProvider[];
  /** The current time, epoch milliseconds. Default: Date.now. */
  readonly now?: () => number;
}

export interface SmsContext extends Pick<SmsDependencies, 'now'> {
  readonly optOuts: OptOutPort;
  readonly providers: SmsProviders;
  readonly agents?: Agents;
  readonly notices: SmsNotices;
}

const NO_PROVIDER = 'no SMS provider is configured: set SMS_PROVIDER (docs/configuration.md lists the providers)';

/** Makes at most one request. Whether another provider is asked is up to the workflow, in an activity of its own. */
export async function sendSms(context: SmsContext, input: SendSmsInput): Promise<SendSmsResult> {
  const { providers, optOuts, now = Date.now } = context;
  const { unansweredBy, notBy = [], validUntil } = input;
  refuseOtherRun(providers, input);
  const name = unansweredBy ?? providers.candidates(notBy)[0];
  if (name === undefined) throw ApplicationFailure.nonRetryable(NO_PROVIDER, FailureType.SmsRefused, {});
  const sms = providers.named(name);
  const person = { agentId: input.agentId, recipient: input.to, channel: 'sms' } as const;
  const began = performance.now();
  if (isStoppedByOptOut(context, input)) await checkOptOut({ optOuts, person, retryable: false, details: () => ({}) });
  const validitySeconds = secondsLeft(validUntil, now());
  const asked = { repeatable: sms.repeatable, provider: sms.name };
  // The workflow reads it if this worker crashes during the request.
  heartbeat(asked satisfies FailureDetails);
  const timeoutMs = Math.max(1, Math.floor(input.timeoutMs - (performance.now() - began)));
  const request = { ...requestOf(input), timeoutMs, validitySeconds };
  try {
    const sent = await measuredSms(
      { provider: sms.name, operation: 'send' },
      () =>
        longRequest(
          (signal) => sms.send(request, signal),
          () => asked,
        ),
      () => 'accepted',
    );
    // A provider of an embedder may check less than the built-in ones.
    const providerMessageId = usableId(sent.providerMessageId, input.to);
    if (providerMessageId === '') context.notices.withoutId(sms.name);
    return { provider: sms.name, providerMessageId };
  } catch (error) {
    await recordIfOptedOut(error);
    if (error instanceof SmsError && error.unknownReason !== undefined)
      context.notices.unknownReason(sms.name, error.unknownReason);
    // Some providers throw their own error when aborted. The request had begun, so it may have been accepted.
    const cutShort = isShuttingDown() && !(error instanceof SmsError);
    const cause = cutShort ? new SmsError({ kind: 'unanswered', message: 'cancelled' }) : error;
    // After an unanswered request there is no other provider (G2).
    const others = unansweredBy === undefined ? providers.names : [];
    const otherProvider = others.some((name) => name !== sms.name && !notBy.includes(name));
    throw smsFailure(cause, { ...asked, otherProvider });
  }

  /** The provider may report that the person stopped its SMS, as Twilio does with 21610. */
  async function recordIfOptedOut(error: unknown): Promise<void> {
    if (!(error instanceof SmsError) || error.reason !== 'optedOut') return;
    const source = `sms:${[sms.name, error.code].filter((part) => part !== undefined).join(' ')}`;
    await recordSmsOptOut({ optOuts }, person, { source, eventId: input.idempotencyKey });
  }
}

/** A message that names no traffic type has its agent's, which the workflow does not know. */
const isStoppedByOptOut = ({ agents = [] }: SmsContext, { agentId, honorOptOut }: SendSmsInput): boolean =>
  honorOptOut ?? agentIn(agents, agentId)?.messageTrafficType === 'PROMOTION';

/**
 * After an operator's reset Temporal hands a pending activity to the new run, with the old input. The run before may have
 * sent this SMS already, so it has to be reconciled first, whatever the provider.
 */
function refuseOtherRun(providers: SmsProviders, { runId, unansweredBy, notBy = [] }: SendSmsInput): void {
  const current = activityInfo().workflowExecution?.runId;
  if (runId === undefined || runId === current) return;
  const [candidate, ...others] = providers.candidates(notBy);
  const provider = unansweredBy ?? (others.length === 0 ? candidate : undefined);
  const details: FailureDetails = { repeatable: false, ...(provider !== undefined && { provider }) };
  throw ApplicationFailure.create({
    type: FailureType.SmsUnanswered,
    message: 'not sent: another run of this delivery asked for it, before a reset, and may have sent it',
    nonRetryable: true,
    details: [details],
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** How long the SMS is still of use: whole seconds, at least 1. Throws when it is of no use any more. */
function secondsLeft(validUntil: string, now: number): number {
  const left = Date.parse(validUntil) - now;
  if (left > 0) return Math.max(1, Math.floor(left / 1000));
  throw ApplicationFailure.create({
    type: FailureType.SmsExpired,
    message: 'not sent: the SMS is of no use any more',
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** What concerns the provider. */
const requestOf = ({ to, from, text, reference, idempotencyKey, timeoutMs }: SendSmsInput) => ({
  to,
  ...(from !== undefined && { from }),
  text,
  reference,
  idempotencyKey,
  timeoutMs,
});

/** The metric's label `result` for each reconciliation. */
const RECONCILED = { yes: 'found', no: 'notFound', repeatable: 'repeatable' } as const;

/**
 * Asks the provider of the unanswered request. If it is not known which one that was, every provider is asked that may have
 * been: one that has the SMS is enough for a `yes`, but only all of them can prove that nothing was sent. One alone that can
 * only repeat the request may do that, once the others have proved it.
 */
export async function reconcileSms({ providers }: SmsContext, input: ReconcileSmsInput): Promise<ReconcileSmsResult> {
  const { unansweredBy, notBy = [] } = input;
  const names = unansweredBy === undefined ? providers.candidates(notBy) : [unansweredBy];
  if (names.length === 0) throw ApplicationFailure.retryable(NO_PROVIDER, FailureType.SmsUnanswered, {});
  const asked = names.map((name) => providers.named(name));
  const answers = await Promise.allSettled(asked.map((sms) => reconcileAt(sms, input)));
  const results = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const failed = answers.find(({ status }) => status === 'rejected');
  const yes = results.find(({ found }) => found === 'yes');
  if (yes !== undefined) return yes;
  if (failed?.status === 'rejected') throw failed.reason;
  const [repeatable, ...others] = results.filter(({ found }) => found === 'repeatable');
  if (repeatable === undefined) return { found: 'no' };
  if (results.length === 1) return repeatable;
  if (others.length === 0) return { ...repeatable, found: 'no' };
  const message = 'it is not known which SMS provider was asked, and several can not say whether they were';
  throw ApplicationFailure.retryable(message, FailureType.SmsUnanswered, {});
}

async function reconcileAt(sms: SmsProvider, input: ReconcileSmsInput): Promise<ReconcileSmsResult> {
  try {
    const result = await measuredSms(
      { provider: sms.name, operation: 'reconcile' },
      () => longRequest((signal) => sms.reconcile(input, signal)),
      ({ found }) => RECONCILED[found],
    );
    if (result.found === 'yes') {
      return { ...result, provider: sms.name, providerMessageId: usableId(result.providerMessageId, input.to) };
    }
    return result.found === 'repeatable' ? { ...result, repeatableBy: sms.name } : result;
  } catch (error) {
    throw smsFailure(error);
  }
}
