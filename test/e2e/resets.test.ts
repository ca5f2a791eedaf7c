import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeliveryStack } from '../../dev/stack/delivery-stack.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../../src/contract/status.js';
import type { History } from '../support/replayer.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { deliver, SLACK, type TestDelivery, type Wanted } from './support/deliver.js';
import { currentRun, reset, resetWith } from './support/reset.js';
import { useStack } from './support/use-stack.js';

/*
 * What the phone gets after an operator's reset (G2, G3). What the first run knew counts as the reset run's own knowledge,
 * and nothing is sent twice.
 */

const FIRST = ['--type', 'FirstWorkflowTask'];
const WITHOUT_SIGNALS = [...FIRST, '--reapply-exclude', 'All'];
const SETTLED = { timeout: 40_000, interval: 100 };

/** The histories of all reset runs that have settled. At the end they must replay. */
const histories: { readonly workflowId: string; readonly history: History }[] = [];

/** The result of the run that runs now, once it has settled. */
async function outcomeNow(stack: DeliveryStack, { handle }: TestDelivery): Promise<MessageDeliveryResult> {
  const latest = stack.client.workflow.getHandle(handle.workflowId);
  const result = (await latest.result()) as MessageDeliveryResult;
  histories.push({ workflowId: handle.workflowId, history: await latest.fetchHistory() });
  return result;
}

afterAll(async () => {
  const failed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(builtWorkflows, histories)) {
    if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
  }
  expect(failed).toEqual([]);
}, 60_000);

const looksBackIn = ({ timeline }: DeliveryStatus): number =>
  timeline.filter(({ event }) => event === 'lookedBack').length;

/** Resets a delivery that has settled, and checks that the reset run settles in the same way and sends nothing. */
async function settlesAgain(stack: DeliveryStack, delivery: TestDelivery, args: readonly string[]): Promise<void> {
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

const text = 'Your code is 482913';
const budget = { grace: '1s', budget: '30s' };

describe.each([
  ['http', { text }],
  ['twilio', { text, sender: '+15550109999' }],
] as const)('with %s', (smsProvider, sms) => {
  const stack = useStack({ smsProvider });
  const OUTCOMES: Record<string, Wanted> = {
    DELIVERED: { behaviour: 'delivers', input: { ttl: '60s', fallback: { sms } } },
    DELIVERED_BY_SMS: { behaviour: 'offline', input: { revocation: budget, fallback: { sms } } },
    SENT_BY_SMS: {
      behaviour: { rcs: 'offline', smsReceipt: 'none' },
      input: { revocation: budget, fallback: { sms: { ...sms, receiptTimeout: '1s' } } },
    },
  };
  const each = Object.entries(OUTCOMES).flatMap(([outcome, wanted]) =>
    [FIRST, WITHOUT_SIGNALS].map(
      (args) => [outcome, args.length > 2 ? 'without its signals' : 'with its signals', wanted, args] as const,
    ),
  );

  test.concurrent.each(each)('after %s, reset %s', async (outcome, _, wanted, args) => {
    const delivery = await deliver(stack(), wanted);
    await settlesAgain(stack(), delivery, args);
    expect((await outcomeNow(stack(), delivery)).outcome).toBe(outcome);
  });

  test.concurrent('while the SMS request is under way: at most one SMS', async () => {
    const delivery = await deliver(stack(), {
      behaviour: { rcs: 'notRcs', sms: 'acceptThenHang' },
      input: { ttl: '600s', fallback: { sms } },
    });
    await vi.waitUntil(() => delivery.truth.smsRequests.length > 0, SLACK);
    await reset(stack(), delivery.handle.workflowId, '--type', 'LastWorkflowTask', '--reapply-exclude', 'All');
    await delivery.until((status) => looksBackIn(status) === 1);
    await vi.waitFor(() => {
      expect(delivery.truth.smsDelivered).toBe(1);
    }, SETTLED);
    expect(delivery.truth.sms).toBe(1);
  });
});

describe('a reset', () => {
  const stack = useStack();

  test.concurrent.each([FIRST, WITHOUT_SIGNALS])(
    'of a cancelled delivery creates nothing: %s %s %s %s',
    async (...args) => {
      const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
      await delivery.inPhase('AWAITING_DELIVERY');
      await delivery.handle.cancel();
      await settlesAgain(stack(), delivery, args.filter(Boolean));
    },
  );

  test.concurrent('of a revoked delivery creates nothing, and sends no SMS', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');
    await delivery.handle.executeUpdate('revokeNow', { args: [{ reason: 'wrong price', fallback: 'none' }] });
    await settlesAgain(stack(), delivery, WITHOUT_SIGNALS);
  });

  test.concurrent('of a delivery that waits goes on waiting, and a reset of that run too', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');
    for (const args of [WITHOUT_SIGNALS, FIRST]) {
      await reset(stack(), delivery.handle.workflowId, ...args);
      await delivery.until((status) => looksBackIn(status) === 1);
      expect(await delivery.inPhase('AWAITING_DELIVERY')).toMatchObject({ channel: 'RCS' });
    }
    // Its own look-back is before this point, so it looks back once more.
    await reset(stack(), delivery.handle.workflowId, '--type', 'LastWorkflowTask');
    await delivery.until((status) => looksBackIn(status) === 2);
    await stack()
      .client.workflow.getHandle(delivery.handle.workflowId)
      .signal('delivered', { eventId: 'event-1', sendTime: '2026-01-02T03:04:05Z' });
    expect(await outcomeNow(stack(), delivery)).toMatchObject({ outcome: 'DELIVERED' });
    expect(delivery.truth.creates).toHaveLength(1);
  });

  test.concurrent('continues the sequence of notifications', async () => {
    const notify = { url: 'https://hooks.example.com/', phases: true };
    const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s', notify } });
    await delivery.ended();
    await reset(stack(), delivery.handle.workflowId, ...WITHOUT_SIGNALS);
    await outcomeNow(stack(), delivery);
    const { events } = await stack().client.workflow.getHandle(delivery.handle.workflowId).fetchHistory();
    const children = (events ?? []).flatMap(
      ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child?.workflowId ?? [],
    );
    expect(children.map((id) => id.split(':').slice(-2).join(':'))).toEqual(['3:DELIVERED']);
  });

  test.concurrent('of many by a query sends nothing to anybody', async () => {
    const wanted: Wanted = { behaviour: 'offline', input: { revocation: budget } };
    const deliveries = await Promise.all([1, 2, 3].map(() => deliver(stack(), wanted)));
    await Promise.all(deliveries.map((delivery) => delivery.ended()));
    const before = await Promise.all(deliveries.map(({ handle }) => currentRun(stack(), handle.workflowId)));
    const query = deliveries.map(({ handle }) => `WorkflowId = '${handle.workflowId}'`).join(' OR ');
    await vi.waitUntil(async () => (await stack().client.workflow.count(query)).count === 3, SLACK);

    await resetWith(stack(), '--query', query, '--yes', ...WITHOUT_SIGNALS);

    for (const [index, delivery] of deliveries.entries()) {
      await vi.waitUntil(async () => (await currentRun(stack(), delivery.handle.workflowId)) !== before[index], SLACK);
      expect(await outcomeNow(stack(), delivery)).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect({ sms: delivery.truth.sms, creates: delivery.truth.creates.length }).toEqual({ sms: 1, creates: 1 });
    }
  });
});

describe.each(['http', 'twilio'] as const)('a reset whose former history is gone, with %s', (smsProvider) => {
  const stack = useStack({ smsProvider });
  const sms = smsProvider === 'http' ? { text } : { text, sender: '+15550109999' };
  let delivery: TestDelivery;

  beforeAll(async () => {
    delivery = await deliver(stack(), {
      behaviour: { rcs: 'offline', smsReceipt: 'none' },
      input: { revocation: budget, fallback: { sms: { ...sms, receiptTimeout: '1s' } } },
    });
    await delivery.ended();
    await stack().worker.stop();
    const { workflowId } = delivery.handle;
    const former = await currentRun(stack(), workflowId);
    await reset(stack(), workflowId, ...WITHOUT_SIGNALS);
    const { client } = stack();
    const execution = { namespace: client.options.namespace, workflowExecution: { workflowId, runId: former } };
    await client.workflowService.deleteWorkflowExecution(execution);
    const read = () => client.workflow.getHandle(workflowId, former).fetchHistory();
    await vi.waitFor(() => expect(read()).rejects.toThrow(), { timeout: 55_000, interval: 500 });
    await stack().worker.start();
  }, 120_000);
  afterAll(() => stack().worker.stop());

  test('creates nothing, and requests no second SMS without proof that none was sent', async () => {
    await delivery.until(({ timeline }) => timeline.some(({ detail }) => detail === 'unreadable'));
    if (smsProvider === 'twilio') {
      // Twilio has the SMS, and says so.
      expect(await outcomeNow(stack(), delivery)).toMatchObject({ outcome: 'SENT_BY_SMS' });
    }
    // Its own look-back is before this point. It learned nothing, but a reset of that run does not rely on it.
    await reset(stack(), delivery.handle.workflowId, '--type', 'LastWorkflowTask');
    await delivery.until((status) => looksBackIn(status) === 2);
    expect({ sms: delivery.truth.sms, creates: delivery.truth.creates.length }).toEqual({ sms: 1, creates: 1 });
  }, 120_000);
});
