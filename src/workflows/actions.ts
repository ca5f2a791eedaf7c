import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendRcsInput, SendRcsResult } from '../activities/message-activities.js';
import { SECOND } from '../contract/duration.js';
import type { Finding } from '../domain/evidence.js';
import { MARGIN, REQUEST_TIMEOUT, SMS_START } from '../domain/late.js';
import { toTime } from '../domain/plan.js';
import { smsValidUntil } from '../domain/sms-repeat.js';
import { inDoubt } from '../domain/sms-state.js';
import type { Action } from '../domain/step.js';
import { answeredTimeOf, revokeAnswer, sendAnswer, smsAnswer } from './answers.js';
import type { Clock } from './clock.js';
import { mayBeRetried } from './first-task.js';
import type { Journal } from './journal.js';

export interface Actions {
  /** Starts an action. How it ends becomes evidence. Never blocks and never throws. */
  start(action: Action): void;
  /** Resolves when the local attempt to send has ended; undefined if none is under way. */
  localAttempt(): Promise<void> | undefined;
}

/**
 * Short, since no signal is seen before a local activity has ended; well within a workflow task's 10 s. Milliseconds.
 */
const LOCAL_REQUEST = 3 * SECOND;
const ONE_ATTEMPT = { maximumAttempts: 1 };
/** Waits until a cancelled activity has reported how it ended. */
const ANSWERS_WHEN_CANCELLED = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

export function createActions(journal: Journal, clock: Clock): Actions {
  const { input } = journal.delivery.plan;
  const message = { agentId: input.agentId, messageId: input.messageId, recipient: input.recipient };
  const { runId } = workflowInfo();
  const honorOptOut = journal.delivery.plan.honorsOptOut;
  let local: Promise<void> | undefined;
  let sending = new CancellationScope();
  let requesting = new CancellationScope();

  function send(action: Extract<Action, { do: 'send' }>): void {
    const request = {
      ...message,
      contentMessage: input.contentMessage,
      ...(input.messageTrafficType !== undefined && { messageTrafficType: input.messageTrafficType }),
      expireTime: toTime(action.platformExpiresAt),
      revokeTime: toTime(action.until),
      timeoutMs: action.how === 'local' ? LOCAL_REQUEST : REQUEST_TIMEOUT,
      runId,
      ...(honorOptOut && { honorOptOut }),
      mayBeQueued: journal.delivery.facts.rcs.mayBeQueued || (action.how === 'local' && mayBeRetried(journal)),
    };
    journal.learn({ kind: 'sendStarted', how: action.how, platformExpiresAt: action.platformExpiresAt });
    sending = new CancellationScope();
    if (action.how === 'local') {
      local = sendLocally({ ...request, askedAt: Date.now() }).finally(() => (local = undefined));
      return;
    }
    const sendRcs = retriedSend(action.until - clock.now());
    void observe(sending, () => sendRcs(request), accepted, sendAnswer);
  }

  async function sendLocally(request: SendRcsInput): Promise<void> {
    await sending
      .run(() => localSend(request))
      .then(
        (result) => {
          clock.localAttemptEnded(result.answeredTime);
          journal.learn(accepted(result));
        },
        (error: unknown) => {
          clock.localAttemptEnded(answeredTimeOf(error));
          journal.learn(sendAnswer(error));
        },
      );
  }

  function revoke({ timeout }: Extract<Action, { do: 'revoke' }>): void {
    const { revokeRcs } = proxyActivities<MessageActivities>({
      startToCloseTimeout: timeout + MARGIN,
      retry: ONE_ATTEMPT,
      summary: 'DELETE the agentMessage',
    });
    journal.learn({ kind: 'revokeStarted' });
    void observe(
      new CancellationScope(),
      () => revokeRcs({ ...message, timeoutMs: timeout }),
      () => ({ kind: 'revokeAnswered', answer: 'revoked' }),
      revokeAnswer,
    );
  }

  /** The fields that every request to the SMS provider has. */
  function sms() {
    const { text, sender } = input.fallback?.sms ?? { text: '' };
    const { facts, plan } = journal.delivery;
    const unansweredBy = inDoubt(facts.sms, plan)?.provider;
    return {
      to: input.recipient,
      ...(sender !== undefined && { from: sender }),
      text,
      reference: workflowInfo().workflowId,
      ...(unansweredBy !== undefined && { unansweredBy }),
      timeoutMs: REQUEST_TIMEOUT,
    };
  }

  function sendSms(): void {
    journal.learn({ kind: 'smsRequested' });
    const { facts, plan } = journal.delivery;
    const request = {
      ...sms(),
      agentId: input.agentId,
      idempotencyKey: workflowInfo().workflowId,
      validUntil: toTime(smsValidUntil(facts.sms, plan)),
      ...(facts.sms.notBy.length > 0 && { notBy: facts.sms.notBy }),
      runId,
      ...(honorOptOut && { honorOptOut }),
    };
    requesting = new CancellationScope();
    void observe(
      requesting,
      () => requestSms(request),
      (sent) => ({ kind: 'smsAnswered', answer: 'accepted', ...sent }),
      smsAnswer,
    );
  }

  function reconcileSms({ sentAfter }: Extract<Action, { do: 'reconcileSms' }>): void {
    journal.learn({ kind: 'smsReconciliationStarted' });
    void observe(
      new CancellationScope(),
      () => askForSms({ ...sms(), sentAfter: toTime(sentAfter) }),
      (answer) => ({ kind: 'smsReconciled', ...answer }),
      () => ({ kind: 'smsReconciled', found: 'unknown' }),
    );
  }

  async function observe<T>(
    scope: CancellationScope,
    run: () => Promise<T>,
    answered: (result: T) => Finding,
    failed: (error: unknown) => Finding,
  ): Promise<void> {
    const finding = await scope.run(run).then(answered, failed);
    clock.eventCame();
    journal.learn(finding);
  }

  return {
    localAttempt: () => local,
    start(action) {
      switch (action.do) {
        case 'send':
          send(action);
          return;
        case 'stopSending':
          journal.learn({ kind: 'sendStopRequested' });
          sending.cancel();
          return;
        case 'giveUpAcceptance':
          journal.learn({ kind: 'notAcceptedInTime', due: action.due });
          return;
        case 'revoke':
          revoke(action);
          return;
        case 'sendSms':
          sendSms();
          return;
        case 'stopSms':
          journal.learn({ kind: 'smsStopRequested' });
          requesting.cancel();
          return;
        case 'reconcileSms':
          reconcileSms(action);
          return;
      }
    },
  };
}

function accepted({ sentByAnotherRun = false, carrier, richMessageClassification }: SendRcsResult): Finding {
  const summary = {
    ...(carrier !== undefined && { carrier }),
    ...(richMessageClassification !== undefined && { richMessageClassification }),
  };
  return {
    kind: 'sendAnswered',
    answer: 'accepted',
    mayBeQueued: true,
    ...(sentByAnotherRun && { sentByAnotherRun }),
    ...(Object.keys(summary).length > 0 && { summary }),
  };
}

const { sendRcs: localSend } = proxyLocalActivities<MessageActivities>({
  scheduleToCloseTimeout: LOCAL_REQUEST + SECOND,
  retry: ONE_ATTEMPT,
  summary: 'create the agentMessage',
});

const retriedSend = (timeLeft: number) =>
  proxyActivities<MessageActivities>({
    startToCloseTimeout: REQUEST_TIMEOUT + MARGIN,
    scheduleToCloseTimeout: Math.max(SECOND, timeLeft),
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 60 * SECOND },
    summary: 'create the agentMessage, until accepted',
    cancellationType: ANSWERS_WHEN_CANCELLED,
  }).sendRcs;

const smsOptions = {
  startToCloseTimeout: REQUEST_TIMEOUT + MARGIN,
  scheduleToStartTimeout: SMS_START,
  retry: ONE_ATTEMPT,
  cancellationType: ANSWERS_WHEN_CANCELLED,
};
const { sendSms: requestSms } = proxyActivities<MessageActivities>({ ...smsOptions, summary: 'send the fallback SMS' });
const { reconcileSms: askForSms } = proxyActivities<MessageActivities>({
  ...smsOptions,
  summary: 'ask the SMS provider whether it was sent',
});
