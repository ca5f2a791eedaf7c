import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Agents } from '../contract/agents.js';
import { MINUTE } from '../contract/duration.js';
import { FailureType, WORKFLOW_RESET, type FailureDetails } from '../contract/failures.js';
import type { CreatedAgentMessage, RbmClient } from '../rbm/rbm-client.js';
import { RbmError } from '../rbm/rbm-error.js';
import { attemptClock, type Clocks } from './attempt-clock.js';
import { checkOptOut, LOOK_UP_MS, type OptOutPort } from './check-opt-out.js';
import { earlierAttemptMayHaveQueued, meanwhileMayBeQueued, recordForNextAttempt } from './earlier-attempts.js';
import { isOfFormerRun } from './former-run.js';
import { longRequest } from './long-request.js';
import { measuredRbm } from './measure.js';
import type { RevokeRcsInput, SendRcsInput, SendRcsResult } from './message-activities.js';
import { rbmFailure } from './to-failure.js';
import { honorsOptOut, trafficTypeOf, type UntypedNotice } from './traffic-type.js';

export interface RbmDependencies extends Clocks {
  readonly rbm: RbmClient;
  /** What is known of the agents (environment RBM_AGENTS). Default: nothing, so no message gets a default type. */
  readonly agents?: Agents;
}

/** No request gets less time than this, since it could hardly be answered. Milliseconds. */
const SHORTEST_TIMEOUT_MS = 500;
/** An attempt that sends nothing ends this long before the revokeTime, so that Temporal hears of it. Milliseconds. */
const TO_ANSWER_MS = 500;

export async function sendRcs(
  deps: RbmDependencies & { readonly optOuts: OptOutPort; readonly noticeUntyped: UntypedNotice },
  input: SendRcsInput,
): Promise<SendRcsResult> {
  const { rbm, agents = [], optOuts, noticeUntyped, now = Date.now, clock = () => performance.now() } = deps;
  const { agentId, messageId, recipient, contentMessage, expireTime } = input;
  const time = attemptClock({ now, clock }, input.askedAt);
  const answeredTime = () => new Date(time()).toISOString();
  if (isOfFormerRun(input)) throw sentByFormerRun(answeredTime());
  const queuedBefore = earlierAttemptMayHaveQueued() || input.mayBeQueued;
  const messageTrafficType = trafficTypeOf(agents, input);
  const honors = honorsOptOut(messageTrafficType, input);
  /** The workflow knows it of every other message. */
  const learned = input.messageTrafficType === undefined && honors ? { honorsOptOut: true } : {};
  const began = clock();
  const untilRevoked = () => Date.parse(input.revokeTime) - time();
  if (honors) await lookUpOptOut();
  const timeLeft = Math.min(input.timeoutMs - (clock() - began), untilRevoked());
  // A late worker must not send a message that should have been revoked by now.
  if (timeLeft <= 0) throw tooLate();
  if (messageTrafficType === undefined) noticeUntyped(agentId);
  const request = {
    ...{ agentId, messageId, recipient, contentMessage, expireTime },
    ...(messageTrafficType !== undefined && { messageTrafficType }),
    timeoutMs: Math.max(Math.floor(timeLeft), SHORTEST_TIMEOUT_MS),
  };
  try {
    const answer = await measuredRbm(
      'create',
      () => longRequest((signal) => rbm.createAgentMessage(request, signal), meanwhileMayBeQueued()),
      ({ acceptedEarlier }) => (acceptedEarlier ? 'acceptedEarlier' : 'ok'),
    );
    return { ...resultOf(answer, { queuedBefore }), ...learned, answeredTime: answeredTime() };
  } catch (error) {
    const mayBeQueuedNow = queuedBefore || mayHaveQueued(error);
    const details = { ...learned, mayBeQueued: mayBeQueuedNow, answeredTime: answeredTime() };
    const failure = rbmFailure(error, details, pauseAfterRefusedToken());
    const isFinal = failure instanceof ApplicationFailure && failure.nonRetryable;
    if (!isFinal) recordForNextAttempt({ mayBeQueued: mayBeQueuedNow });
    throw failure;
  }

  function tooLate(): unknown {
    const error = new RbmError({ kind: 'notSent', message: 'not sent: the revocation was already due' });
    return rbmFailure(error, { mayBeQueued: queuedBefore, answeredTime: answeredTime() });
  }

  /** Temporal ends the activity at the revokeTime. A look-up until then would leave open whether RBM was asked. */
  async function lookUpOptOut(): Promise<void> {
    const timeoutMs = Math.min(untilRevoked() - TO_ANSWER_MS, LOOK_UP_MS);
    if (timeoutMs <= 0) throw tooLate();
    const details = () => ({ mayBeQueued: queuedBefore, answeredTime: answeredTime() });
    try {
      await checkOptOut({ optOuts, person: { agentId, recipient }, timeoutMs, retryable: true, details });
    } catch (error) {
      recordForNextAttempt({ mayBeQueued: queuedBefore });
      throw error;
    }
  }
}

/**
 * The least pause after a refused access token, in milliseconds. The first attempt may have had an old token, and the next
 * one gets a new one. If that is refused too, a person has to mend the credentials, which takes minutes.
 */
function pauseAfterRefusedToken(): number {
  const { attempt, isLocal } = activityInfo();
  return isLocal || attempt === 1 ? 0 : Math.min(5 * MINUTE, MINUTE * 2 ** (attempt - 2));
}

function resultOf(
  { acceptedEarlier, expireTime, carrier, richMessageClassification }: CreatedAgentMessage,
  { queuedBefore }: { readonly queuedBefore: boolean },
): SendRcsResult {
  return {
    acceptedEarlier,
    // Nothing that is known here can have queued the message, so a run whose history is gone has sent it.
    ...(acceptedEarlier && !queuedBefore && { sentByAnotherRun: true }),
    ...(expireTime !== undefined && { expireTime }),
    ...(carrier !== undefined && { carrier }),
    ...(richMessageClassification !== undefined && { richMessageClassification }),
  };
}

/** The run before the reset may have sent it. No retry: the input names that run for ever. */
function sentByFormerRun(answeredTime: string): ApplicationFailure {
  const details: FailureDetails = { code: WORKFLOW_RESET, mayBeQueued: true, answeredTime };
  const message = 'not sent: the workflow was reset, and the run before may have sent it';
  return ApplicationFailure.nonRetryable(message, FailureType.RbmNotSent, details);
}

/**
 * Whether RBM may have queued the message although the call failed. True for an unknown error, which proves nothing.
 */
function mayHaveQueued(error: unknown): boolean {
  if (!(error instanceof RbmError)) return true;
  return error.kind === 'unanswered' || error.kind === 'unavailable' || error.kind === 'unexpected';
}

export async function revokeRcs({ rbm }: RbmDependencies, input: RevokeRcsInput): Promise<void> {
  try {
    await measuredRbm('revoke', () => longRequest((signal) => rbm.deleteAgentMessage(input, signal)));
  } catch (error) {
    throw rbmFailure(error);
  }
}
