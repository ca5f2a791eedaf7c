import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendRcsInput } from '../activities/message-activities.js';
import { SECOND } from '../contract/duration.js';
import type { Step } from '../domain/decide.js';
import type { Finding } from '../domain/evidence.js';
import { toTime } from '../domain/report.js';
import { MARGIN, REQUEST, SMS_START } from '../domain/outages.js';
import { mayBeQueued } from '../domain/sending.js';
import { unansweredBy } from '../domain/sms-leg.js';
import { answeredTimeOf, revokeAnswer, sendAnswer, smsAnswer } from './answers.js';
import { isTriedAgain, type Journal } from './journal.js';

export type Action = Exclude<Step, { do: 'wait' | 'settle' }>;

export interface Actions {
  /** Begins an action; what comes of it is recorded as evidence. Never blocks and never throws. */
  start(action: Action): void;
  /** Resolves at the end of the local attempt to send, while one is under way. */
  localAttempt(): Promise<void> | undefined;
}

/** Short, since no signal is seen before a local activity has ended, and well inside a workflow task's 10 s. */
const LOCAL_REQUEST = 3 * SECOND;
const once = { maximumAttempts: 1 };
const accepted: Finding = { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true };
const stoppable = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

export function createActions(journal: Journal): Actions {
  const { input } = journal.delivery.plan;
  const message = { agentId: input.agentId, messageId: input.messageId, recipient: input.recipient };
  let local: Promise<void> | undefined;
  let sending = new CancellationScope();
  let texting = new CancellationScope();

  function send(action: Extract<Action, { do: 'send' }>): void {
    const request = {
      ...message,
      contentMessage: input.contentMessage,
      ...(input.messageTrafficType !== undefined && { messageTrafficType: input.messageTrafficType }),
      expireTime: toTime(action.platformExpiresAt),
      revokeTime: toTime(action.until),
      timeoutMs: action.how === 'local' ? LOCAL_REQUEST : REQUEST,
      mayBeQueued: mayBeQueued(journal.delivery) || (action.how === 'local' && isTriedAgain(journal)),
    };
    journal.record({ kind: 'sendStarted', how: action.how, platformExpiresAt: action.platformExpiresAt });
    sending = new CancellationScope();
    if (action.how === 'local') {
      local = sendLocally(request).finally(() => (local = undefined));
      return;
    }
    const sendRcs = retriedSend(action.until - journal.now());
    void observe(
      sending,
      () => sendRcs(request),
      () => accepted,
      sendAnswer,
    );
  }

  async function sendLocally(request: SendRcsInput): Promise<void> {
    await sending
      .run(() => localSend(request))
      .then(
        ({ answeredTime }) => {
          journal.recordLocalAttempt(accepted, answeredTime);
        },
        (error: unknown) => {
          journal.recordLocalAttempt(sendAnswer(error), answeredTimeOf(error));
        },
      );
  }

  function revoke({ timeout }: Extract<Action, { do: 'revoke' }>): void {
    const { revokeRcs } = proxyActivities<MessageActivities>({
      startToCloseTimeout: timeout + MARGIN,
      retry: once,
      summary: 'DELETE the agentMessage',
    });
    journal.record({ kind: 'revokeStarted' });
    void observe(
      new CancellationScope(),
      () => revokeRcs({ ...message, timeoutMs: timeout }),
      () => ({ kind: 'revokeAnswered', answer: 'revoked' }),
      revokeAnswer,
    );
  }

  /** What every request to the SMS provider holds. */
  function sms() {
    const { text, sender } = input.fallback?.sms ?? { text: '' };
    const asked = unansweredBy(journal.delivery);
    return {
      to: input.recipient,
      ...(sender !== undefined && { from: sender }),
      text,
      reference: workflowInfo().workflowId,
      ...(asked !== undefined && { unansweredBy: asked }),
      timeoutMs: REQUEST,
    };
  }

  function sendSms(): void {
    journal.record({ kind: 'smsRequested' });
    texting = new CancellationScope();
    void observe(
      texting,
      () => requestSms({ ...sms(), idempotencyKey: workflowInfo().workflowId }),
      (sent) => ({ kind: 'smsAnswered', answer: 'accepted', ...sent }),
      smsAnswer,
    );
  }

  function reconcileSms({ sentAfter }: Extract<Action, { do: 'reconcileSms' }>): void {
    journal.record({ kind: 'smsReconciliationStarted' });
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
    journal.wake();
    journal.record(finding);
  }

  return {
    localAttempt: () => local,
    start(action) {
      switch (action.do) {
        case 'send':
          send(action);
          return;
        case 'stopSending':
          journal.record({ kind: 'sendStopRequested' });
          sending.cancel();
          return;
        case 'revoke':
          revoke(action);
          return;
        case 'sendSms':
          sendSms();
          return;
        case 'stopSms':
          journal.record({ kind: 'smsStopRequested' });
          texting.cancel();
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
  retry: once,
  summary: 'create the agentMessage',
});

const retriedSend = (timeLeft: number) =>
  proxyActivities<MessageActivities>({
    startToCloseTimeout: REQUEST + MARGIN,
    scheduleToCloseTimeout: Math.max(SECOND, timeLeft),
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 60 * SECOND },
    summary: 'create the agentMessage, until accepted',
    cancellationType: stoppable,
  }).sendRcs;

const smsOptions = {
  startToCloseTimeout: REQUEST + MARGIN,
  scheduleToStartTimeout: SMS_START,
  retry: once,
  cancellationType: stoppable,
};
const { sendSms: requestSms } = proxyActivities<MessageActivities>({ ...smsOptions, summary: 'send the fallback SMS' });
const { reconcileSms: askForSms } = proxyActivities<MessageActivities>({
  ...smsOptions,
  summary: 'ask the SMS provider whether it was sent',
});
