import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendRcsInput } from '../activities/message-activities.js';
import { SECOND } from '../contract/duration.js';
import type { Finding } from '../domain/evidence.js';
import { MARGIN, REQUEST_TIMEOUT, SMS_START } from '../domain/late.js';
import type { Action } from '../domain/step.js';
import { toTime } from '../domain/plan.js';
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
const ACCEPTED: Finding = { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true };
/** Waits until a cancelled activity has reported how it ended. */
const ANSWERS_WHEN_CANCELLED = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

export function createActions(journal: Journal, clock: Clock): Actions {
  const { input } = journal.delivery.plan;
  const message = { agentId: input.agentId, messageId: input.messageId, recipient: input.recipient };
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
      mayBeQueued: journal.delivery.facts.rcs.mayBeQueued || (action.how === 'local' && mayBeRetried(journal)),
    };
    journal.learn({ kind: 'sendStarted', how: action.how, platformExpiresAt: action.platformExpiresAt });
    sending = new CancellationScope();
    if (action.how === 'local') {
      local = sendLocally(request).finally(() => (local = undefined));
      return;
    }
    const sendRcs = retriedSend(action.until - clock.now());
    void observe(
      sending,
      () => sendRcs(request),
      () => ACCEPTED,
      sendAnswer,
    );
  }

  async function sendLocally(request: SendRcsInput): Promise<void> {
    await sending
      .run(() => localSend(request))
      .then(
        ({ answeredTime }) => {
          clock.localAttemptEnded(answeredTime);
          journal.learn(ACCEPTED);
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
    // Only this provider may repeat the request, or knows what became of it.
    const unansweredBy = journal.delivery.facts.sms.unanswered?.provider;
    return {
      to: input.recipient,
      ...(sender !== undefined && { from: sender }),
      text,
      reference: workflowInfo().workflowId,
      ...(unansweredBy !== undefined && { unansweredBy }),
      timeoutMs: REQUEST_TIMEOUT,
    };
  }

  function validUntil(): string {
    const { requestedAt = clock.now() } = journal.delivery.facts.sms;
    return toTime(requestedAt + journal.delivery.plan.smsValidity);
  }

  function sendSms(): void {
    journal.learn({ kind: 'smsRequested' });
    requesting = new CancellationScope();
    void observe(
      requesting,
      () =>
        requestSms({
          ...sms(),
          agentId: input.agentId,
          idempotencyKey: workflowInfo().workflowId,
          validUntil: validUntil(),
        }),
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
