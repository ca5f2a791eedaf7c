import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendRcsInput } from '../activities/message-activities.js';
import { MINUTE, SECOND } from '../contract/duration.js';
import { stemOf, taskQueueFor, type WorkerQueue } from '../contract/task-queues.js';
import type { SendAnswered } from '../domain/evidence.js';
import { HEARTBEAT_TIMEOUT, LATE, MARGIN, REQUEST_TIMEOUT } from '../domain/late.js';
import { optOutAsked, toTime } from '../domain/plan.js';
import type { Action } from '../domain/step.js';
import { accepted, answeredTimeOf, revokeAnswer, sendAnswer } from './answers.js';
import type { Clock } from './clock.js';
import { mayBeRetried } from './first-task.js';
import type { HeldEvents } from './held-events.js';
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
 * Short, since a local activity takes a slot of the worker's workflow tasks, and no signal is seen before it has ended. RBM
 * answers within a third of this. Milliseconds.
 */
const LOCAL_REQUEST = 1.2 * SECOND;
const LOCAL_LIMIT = 1.5 * SECOND;

export function createRcsActions(journal: Journal, clock: Clock, observe: Observe, heldEvents: HeldEvents): RcsActions {
  const { input } = journal.delivery.plan;
  const message = { agentId: input.agentId, messageId: input.messageId, recipient: input.recipient };
  const { runId, taskQueue } = workflowInfo();
  const queueFor = (queue: WorkerQueue) => taskQueueFor(stemOf(taskQueue), queue);
  let local: Promise<void> | undefined;
  /** Of the create that Temporal retries. A local attempt is never cancelled. */
  let sending: CancellationScope | undefined;
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
    await localSend(request).then(
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
      if (how === 'local') {
        heldEvents.hold();
        local = sendLocally({ ...request, askedAt: Date.now() }).finally(() => (local = undefined));
        return;
      }
      const timeLeft = Math.max(SECOND, until - clock.now());
      sendingEndsAt = clock.now() + timeLeft;
      sending = new CancellationScope();
      const sendRcs = retriedSend(queueFor('rbm'), timeLeft);
      observe(sending, () => sendRcs(request), accepted, sendAnswer);
    },
    stopSending() {
      journal.learn({ kind: 'sendStopRequested' });
      // At its own end Temporal stops it anyway, and a cancellation would only be one more event.
      if (clock.now() < sendingEndsAt) sending?.cancel();
    },
    revoke({ timeout, startWithin }) {
      journal.learn({ kind: 'revokeStarted' });
      const revokeRcs = oneRevocation(queueFor('revoke'), timeout, startWithin);
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

/**
 * A message may wait for days. It is then created again after pauses of this part of its time, so fewer than 200 times,
 * and an outage of RBM does not end in a storm.
 */
const LONGEST_PAUSE = 1 / 150;

const retriedSend = (taskQueue: string, timeLeft: number) =>
  proxyActivities<MessageActivities>({
    taskQueue,
    startToCloseTimeout: REQUEST_TIMEOUT + MARGIN,
    scheduleToCloseTimeout: timeLeft,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: {
      initialInterval: SECOND,
      backoffCoefficient: 2,
      maximumInterval: Math.max(MINUTE, timeLeft * LONGEST_PAUSE),
    },
    summary: 'create the agentMessage, until accepted',
    // Waits until a cancelled activity has reported how it ended.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }).sendRcs;

const oneRevocation = (taskQueue: string, timeout: number, startWithin: number | null) =>
  proxyActivities<MessageActivities>({
    taskQueue,
    ...(startWithin !== null && { scheduleToStartTimeout: startWithin }),
    startToCloseTimeout: timeout + MARGIN,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { maximumAttempts: 1 },
    summary: 'DELETE the agentMessage',
  }).revokeRcs;
