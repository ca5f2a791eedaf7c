import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { RbmClient } from '../rbm/rbm-client.js';
import { RbmError } from '../rbm/rbm-error.js';
import { checkOptOut, type OptOutDependencies } from './check-opt-out.js';
import { earlierAttemptMayHaveQueued, recordForNextAttempt } from './earlier-attempts.js';
import { measuredRbm } from './measure.js';
import type { RevokeRcsInput, SendRcsInput, SendRcsResult } from './message-activities.js';
import { rbmFailure } from './to-failure.js';

export interface RbmDependencies {
  readonly rbm: RbmClient;
  /** The current time, epoch milliseconds. Default: Date.now. */
  readonly now?: () => number;
}

/** No request gets less time than this, since it could hardly be answered. Milliseconds. */
const SHORTEST_TIMEOUT_MS = 500;

export async function sendRcs(
  { rbm, optOuts, now = Date.now }: RbmDependencies & OptOutDependencies,
  input: SendRcsInput,
): Promise<SendRcsResult> {
  const { mayBeQueued, revokeTime, timeoutMs, honorOptOut = false, ...message } = input;
  const queuedBefore = earlierAttemptMayHaveQueued() || mayBeQueued;
  const answeredTime = () => new Date(now()).toISOString();
  const began = performance.now();
  if (honorOptOut) await lookUpOptOut();
  const timeLeft = Date.parse(revokeTime) - now();
  // A late worker must not send a message that should have been revoked by now.
  if (timeLeft <= 0)
    throw rbmFailure(new RbmError({ kind: 'notSent', message: 'not sent: the revocation was already due' }), {
      mayBeQueued: queuedBefore,
      answeredTime: answeredTime(),
    });
  const timeLimit = timeoutMs - (performance.now() - began);
  const request = { ...message, timeoutMs: Math.max(Math.min(timeLimit, timeLeft), SHORTEST_TIMEOUT_MS) };
  try {
    const { acceptedEarlier, expireTime } = await measuredRbm(
      'create',
      () => rbm.createAgentMessage(request, cancellationSignal()),
      (answer) => (answer.acceptedEarlier ? 'acceptedEarlier' : 'ok'),
    );
    return { acceptedEarlier, answeredTime: answeredTime(), ...(expireTime !== undefined && { expireTime }) };
  } catch (error) {
    const mayBeQueuedNow = queuedBefore || mayHaveQueued(error);
    const failure = rbmFailure(error, { mayBeQueued: mayBeQueuedNow, answeredTime: answeredTime() });
    const isFinal = failure instanceof ApplicationFailure && failure.nonRetryable;
    if (!isFinal) recordForNextAttempt({ mayBeQueued: mayBeQueuedNow });
    throw failure;
  }

  async function lookUpOptOut(): Promise<void> {
    const details = () => ({ mayBeQueued: queuedBefore, answeredTime: answeredTime() });
    try {
      await checkOptOut({ optOuts, person: message, retryable: true, details });
    } catch (error) {
      recordForNextAttempt({ mayBeQueued: queuedBefore });
      throw error;
    }
  }
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
    await measuredRbm('revoke', () => rbm.deleteAgentMessage(input, cancellationSignal()));
  } catch (error) {
    throw rbmFailure(error);
  }
}
