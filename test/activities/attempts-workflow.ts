import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageActivities, SendRcsInput, SendSmsInput } from '../../src/activities/message-activities.js';
import { deliveredSignal } from '../../src/contract/messages.js';
import { smsAnswer } from '../../src/workflows/answers.js';

const retry = { initialInterval: 10, backoffCoefficient: 1 };
const activities = {
  normal: proxyActivities<MessageActivities>({ startToCloseTimeout: 2_000, retry }),
  local: proxyLocalActivities<MessageActivities>({ scheduleToCloseTimeout: 2_000, retry }),
};

/** Runs sendRcs until it ends for good: what its failure says, or nothing. */
export async function attempts(mode: 'normal' | 'local', input: SendRcsInput): Promise<unknown> {
  try {
    await activities[mode].sendRcs(input);
    return null;
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : error;
    return cause instanceof ApplicationFailure ? { type: cause.type, details: cause.details } : String(cause);
  }
}

/** One sendRcs of this run. A signal makes a second workflow task, to which the workflow can be reset. */
export async function resettable(input: SendRcsInput): Promise<unknown> {
  let isSignalled = false;
  setHandler(deliveredSignal, () => {
    isSignalled = true;
  });
  const end = attempts('normal', { ...input, runId: workflowInfo().runId });
  await condition(() => isSignalled);
  return end;
}

/** One sendSms, and what the delivery learns of its failure. */
export async function smsAttempt(input: SendSmsInput): Promise<unknown> {
  const { sendSms } = proxyActivities<MessageActivities>({ startToCloseTimeout: 1_000, retry: { maximumAttempts: 1 } });
  return sendSms(input).catch(smsAnswer);
}
