import { ActivityCancellationType, CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { MessageActivities } from '../activities/message-activities.js';
import { stemOf, taskQueueFor } from '../contract/task-queues.js';
import { HEARTBEAT_TIMEOUT, MARGIN, REQUEST_TIMEOUT, SMS_START } from '../domain/late.js';
import { optOutAsked, toTime } from '../domain/plan.js';
import { smsValidUntil } from '../domain/sms-repeat.js';
import { onlyProvider } from '../domain/sms-state.js';
import type { Action } from '../domain/step.js';
import { smsAnswer } from './answers.js';
import type { Journal } from './journal.js';
import type { Observe } from './observe.js';

/** The requests to the SMS providers. How each ends becomes evidence. */
export interface SmsActions {
  sendSms(): void;
  stopSms(): void;
  reconcileSms(action: Extract<Action, { do: 'reconcileSms' }>): void;
}

export function createSmsActions(journal: Journal, observe: Observe): SmsActions {
  const { input } = journal.delivery.plan;
  const { runId, workflowId, taskQueue } = workflowInfo();
  const { requestSms, askForSms } = smsRequests(taskQueueFor(stemOf(taskQueue), 'sms'));
  let requesting: CancellationScope | undefined;

  /** The fields that every request to a provider has. */
  function sms() {
    const { text, sender } = input.fallback?.sms ?? { text: '' };
    const { facts, plan } = journal.delivery;
    const unansweredBy = onlyProvider(facts.sms, plan);
    return {
      to: input.recipient,
      ...(sender !== undefined && { from: sender }),
      text,
      reference: workflowId,
      ...(unansweredBy !== undefined && { unansweredBy }),
      ...(facts.sms.notBy.length > 0 && { notBy: facts.sms.notBy }),
      timeoutMs: REQUEST_TIMEOUT,
    };
  }

  return {
    sendSms() {
      journal.learn({ kind: 'smsRequested' });
      const { facts, plan } = journal.delivery;
      const request = {
        ...sms(),
        agentId: input.agentId,
        idempotencyKey: workflowId,
        validUntil: toTime(smsValidUntil(facts.sms, plan)),
        runId,
        ...optOutAsked(journal.delivery.plan),
      };
      requesting = new CancellationScope();
      observe(
        requesting,
        () => requestSms(request),
        (sent) => ({ kind: 'smsAnswered', answer: 'accepted', ...sent }),
        smsAnswer,
      );
    },
    stopSms() {
      journal.learn({ kind: 'smsStopRequested' });
      requesting?.cancel();
    },
    reconcileSms({ sentAfter }) {
      journal.learn({ kind: 'smsReconciliationStarted' });
      observe(
        new CancellationScope(),
        () => askForSms({ ...sms(), sentAfter: toTime(sentAfter) }),
        (answer) => ({ kind: 'smsReconciled', ...answer }),
        () => ({ kind: 'smsReconciled', found: 'unknown' }),
      );
    },
  };
}

function smsRequests(taskQueue: string) {
  const options = {
    taskQueue,
    startToCloseTimeout: REQUEST_TIMEOUT + MARGIN,
    scheduleToStartTimeout: SMS_START,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { maximumAttempts: 1 },
    // Waits until a cancelled activity has reported how it ended.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
  const { sendSms } = proxyActivities<MessageActivities>({ ...options, summary: 'send the fallback SMS' });
  const { reconcileSms } = proxyActivities<MessageActivities>({
    ...options,
    summary: 'ask the SMS provider whether it was sent',
  });
  return { requestSms: sendSms, askForSms: reconcileSms };
}
