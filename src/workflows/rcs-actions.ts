import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendRcsInput } from '../activities/message-activities.js';
import { SECOND } from '../contract/duration.js';
import type { SendAnswered } from '../domain/evidence.js';
import { LATE, MARGIN, REQUEST_TIMEOUT } from '../domain/late.js';
import { optOutAsked, toTime } from '../domain/plan.js';
import type { Action } from '../domain/step.js';
import { accepted, answeredTimeOf, revokeAnswer, sendAnswer } from './answers.js';
import type { Clock } from './clock.js';
import { mayBeRetried } from './first-task.js';
import type { Journal } from './journal.js';
import type { Observe } from './observe.js';

/** The requests to RBM. How each ends becomes evidence. */
export interface RcsActions {
  send(action: Extract<Action, { do: 'send' }>): void;
  stopSending(): void;
  revoke(action: Extract<Action, { do: 'revoke' }>): void;
  /** Resolves when the local attempt to send has ended; undefined if none is under way. */
  localAttempt(): Promise<void> | undefined;
}

/**
 * Short, since no signal is seen before a local activity has ended; well within a workflow task's 10 s. Milliseconds.
 */
const LOCAL_REQUEST = 3 * SECOND;
const LOCAL_LIMIT = LOCAL_REQUEST + SECOND;

export function createRcsActions(journal: Journal, clock: Clock, observe: Observe): RcsActions {
  const { input } = journal.delivery.plan;
  const message = { agentId: input.agentId, messageId: input.messageId, recipient: input.recipient };
  const { runId } = workflowInfo();
  let local: Promise<void> | undefined;
  let sending = new CancellationScope();
  let sendingEndsAt = Infinity;

  async function sendLocally(request: SendRcsInput): Promise<void> {
    const began = clock.now();
    const ended = (answeredTime: string | undefined, answer: SendAnswered) => {
      clock.localAttemptEnded(answeredTime);
      // No worker ran, or one crashed during this task. An attempt that timed out has no time that a replay would repeat.
      const isLate = answeredTime !== undefined && clock.now() - began > LOCAL_LIMIT + LATE;
      if (isLate) journal.learn({ kind: 'wokeLate', due: began });
      journal.learn(answer);
    };
    await sending
      .run(() => localSend(request))
      .then(
        (result) => {
          ended(result.answeredTime, accepted(result));
        },
        (error: unknown) => {
          ended(answeredTimeOf(error), sendAnswer(error));
        },
      );
  }

  return {
    localAttempt: () => local,
    send({ how, until, platformExpiresAt }) {
      const request = {
        ...message,
        contentMessage: input.contentMessage,
        ...(input.messageTrafficType !== undefined && { messageTrafficType: input.messageTrafficType }),
        expireTime: toTime(platformExpiresAt),
        revokeTime: toTime(until),
        timeoutMs: how === 'local' ? LOCAL_REQUEST : REQUEST_TIMEOUT,
        runId,
        ...optOutAsked(journal.delivery.plan),
        mayBeQueued: journal.delivery.facts.rcs.mayBeQueued || (how === 'local' && mayBeRetried(journal)),
      };
      journal.learn({ kind: 'sendStarted', how, platformExpiresAt });
      sending = new CancellationScope();
      if (how === 'local') {
        local = sendLocally({ ...request, askedAt: Date.now() }).finally(() => (local = undefined));
        return;
      }
      const timeLeft = Math.max(SECOND, until - clock.now());
      sendingEndsAt = clock.now() + timeLeft;
      const sendRcs = retriedSend(timeLeft);
      observe(sending, () => sendRcs(request), accepted, sendAnswer);
    },
    stopSending() {
      journal.learn({ kind: 'sendStopRequested' });
      // At its own end Temporal stops it anyway, and a cancellation would only be one more event.
      if (clock.now() < sendingEndsAt) sending.cancel();
    },
    revoke({ timeout }) {
      journal.learn({ kind: 'revokeStarted' });
      const revokeRcs = oneRevocation(timeout);
      observe(
        new CancellationScope(),
        () => revokeRcs({ ...message, timeoutMs: timeout }),
        () => ({ kind: 'revokeAnswered', answer: 'revoked' }),
        revokeAnswer,
      );
    },
  };
}

const { sendRcs: localSend } = proxyLocalActivities<MessageActivities>({
  scheduleToCloseTimeout: LOCAL_LIMIT,
  retry: { maximumAttempts: 1 },
  summary: 'create the agentMessage',
});

const retriedSend = (timeLeft: number) =>
  proxyActivities<MessageActivities>({
    startToCloseTimeout: REQUEST_TIMEOUT + MARGIN,
    scheduleToCloseTimeout: timeLeft,
    retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 60 * SECOND },
    summary: 'create the agentMessage, until accepted',
    // Waits until a cancelled activity has reported how it ended.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }).sendRcs;

const oneRevocation = (timeout: number) =>
  proxyActivities<MessageActivities>({
    startToCloseTimeout: timeout + MARGIN,
    retry: { maximumAttempts: 1 },
    summary: 'DELETE the agentMessage',
  }).revokeRcs;
