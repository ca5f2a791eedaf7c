import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { temporal as proto } from '@temporalio/proto';
import { expect, test, vi } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import type { MessageDeliveryResult } from '../../../src/contract/status.js';
import { deliver, DROPPED_SOON, type TestDelivery, type Wanted } from '../support/deliver.js';
import { expectGuarantees } from '../support/guarantees.js';
import { currentRun, reset } from '../support/reset.js';
import type { SmsInput } from './reset-run.js';
import { WAIT } from '../../support/wait.js';

/*
 * Resets at random times to random points of the history, with and without the events after them, while the phone, RBM
 * and the provider do what they do. Whatever the operator does, the person gets one message (G2, G3).
 */

interface Reset {
  /** Milliseconds after the start, or after the reset before. */
  readonly after: number;
  /** Which of the history's workflow tasks: 0 is the first one, 1 the last one. */
  readonly point: number;
  readonly keepsEvents: boolean;
}

const BEHAVIOURS: readonly Wanted['behaviour'][] = [
  'delivers',
  'offline',
  { rcs: 'offline', smsReceipt: 'none' },
  { rcs: 'offline', delete: 404 },
  { rcs: 'notRcs', sms: 'acceptThenHang' },
  { rcs: 'offline', create: [503, 200] },
  { rcs: 'offline', deliverWhileRevoking: { answer: 200, deliveredAfter: '3s' }, smsReceiptDelay: '6s' },
];
const resets: fc.Arbitrary<readonly Reset[]> = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 7_000 }),
    point: fc.constantFrom(0, 0.3, 0.6, 1),
    keepsEvents: fc.boolean(),
  }),
  { minLength: 1, maxLength: 2 },
);

/** The ids of the events that end a workflow task: a reset goes back to one of them. */
async function resetPoints({ client }: DeliveryStack, workflowId: string): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const completed = proto.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED;
  return (events ?? []).filter(({ eventType }) => eventType === completed).map(({ eventId }) => String(eventId));
}

async function resetAll(stack: DeliveryStack, { handle }: TestDelivery, all: readonly Reset[]): Promise<void> {
  const { workflowId } = handle;
  for (const { after, point, keepsEvents } of all) {
    await delay(after);
    const points = await vi.waitUntil(async () => {
      const found = await resetPoints(stack, workflowId);
      return found.length > 0 && found;
    }, WAIT);
    const eventId = points[Math.round(point * (points.length - 1))] ?? '';
    const before = await currentRun(stack, workflowId);
    await reset(stack, workflowId, '--event-id', eventId, ...(keepsEvents ? [] : ['--reapply-exclude', 'All']));
    await vi.waitUntil(async () => (await currentRun(stack, workflowId)) !== before, WAIT);
  }
}

export function randomResets(stack: () => DeliveryStack, sms: SmsInput): void {
  const input = { revocation: DROPPED_SOON, fallback: { sms: { ...sms, receiptTimeout: '3s' } } };
  const cases = fc.sample(fc.tuple(fc.constantFrom(...BEHAVIOURS), resets), 8);

  test.each(cases)('%j reset %j', async (behaviour, all) => {
    const delivery = await deliver(stack(), { behaviour, input });
    await resetAll(stack(), delivery, all);
    const latest = stack().client.workflow.getHandle(delivery.handle.workflowId);
    const result = (await latest.result()) as MessageDeliveryResult;
    const { truth } = delivery;
    expectGuarantees({ input: delivery.input, result, truth });
    expect(truth.creates.filter(({ tookEffect }) => tookEffect).length).toBeLessThanOrEqual(1);
    expect(truth.smsDelivered).toBeLessThanOrEqual(1);
  });
}
