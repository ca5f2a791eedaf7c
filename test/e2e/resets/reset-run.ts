import { Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../../../src/contract/status.js';
import type { History } from '../../support/replayer.js';
import { builtWorkflows } from '../../support/workflow-bundle.js';
import type { TestDelivery } from '../support/deliver.js';
import { reset } from '../support/reset.js';

export const TEXT = 'Your code is 482913';
/** On a busy machine, the DELETE needs more than the usual budget of these tests. */
export const BUDGET = { grace: '1s', budget: '30s' };

/** What a fallback's `sms` is with this provider. */
export type SmsInput = { readonly text: string; readonly sender?: string };

/** The histories of all reset runs that have settled. */
const histories: { readonly workflowId: string; readonly history: History }[] = [];

/** The result of the run that runs now, once it has settled. */
export async function outcomeNow(stack: DeliveryStack, { handle }: TestDelivery): Promise<MessageDeliveryResult> {
  const latest = stack.client.workflow.getHandle(handle.workflowId);
  const result = (await latest.result()) as MessageDeliveryResult;
  histories.push({ workflowId: handle.workflowId, history: await latest.fetchHistory() });
  return result;
}

/** For afterAll: the reset runs' own histories replay too. */
export async function expectResetRunsToReplay(): Promise<void> {
  const failed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(builtWorkflows, histories)) {
    if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
  }
  expect(failed).toEqual([]);
}

export const looksBackIn = ({ timeline }: DeliveryStatus): number =>
  timeline.filter(({ event }) => event === 'lookedBack').length;

/** Resets a delivery that has settled, and checks that the reset run settles in the same way and sends nothing. */
export async function settlesAgain(
  stack: DeliveryStack,
  delivery: TestDelivery,
  args: readonly string[],
): Promise<void> {
  const before = await delivery.ended();
  const { creates, smsRequests, sms, rcs } = delivery.truth;
  const seen = { creates: creates.length, smsRequests: smsRequests.length, sms, rcs };

  await reset(stack, delivery.handle.workflowId, ...args);

  const { outcome, channel, duplicate, timeline } = await outcomeNow(stack, delivery);
  expect({ outcome, channel, duplicate }).toEqual({
    outcome: before.outcome,
    channel: before.channel,
    duplicate: before.duplicate,
  });
  expect(timeline).toContainEqual(expect.objectContaining({ source: 'formerRun', detail: 'evidence' }));
  const now = { creates: creates.length, smsRequests: smsRequests.length, sms: delivery.truth.sms, rcs };
  expect(now).toEqual(seen);
}
