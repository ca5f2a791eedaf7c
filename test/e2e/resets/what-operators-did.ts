import { expect, test, vi } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { sequenceIn } from '../../../src/contract/notification.js';
import { deliver, type Wanted } from '../support/deliver.js';
import { BOTH_WAYS, currentRun, FIRST, reset, resetWith, WITHOUT_SIGNALS } from '../support/reset.js';
import { BUDGET, looksBackIn, outcomeNow, settlesAgain } from './reset-run.js';
import { WAIT } from '../../support/wait.js';

export function resetsOfWhatOperatorsDid(stack: () => DeliveryStack): void {
  test.each(BOTH_WAYS)('of a cancelled delivery creates nothing: %s', async (_, args) => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');
    await delivery.handle.cancel();
    await settlesAgain(stack(), delivery, args);
  });

  test('of a revoked delivery creates nothing, and sends no SMS', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');
    await delivery.handle.executeUpdate('revokeNow', { args: [{ reason: 'wrong price', fallback: 'none' }] });
    await settlesAgain(stack(), delivery, WITHOUT_SIGNALS);
  });

  test('of a delivery that waits goes on waiting, and a reset of that run too', async () => {
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

  test.each<[string, boolean, readonly (readonly string[])[]]>([
    ['to its first task', false, [FIRST]],
    ['to its first task, without its signals', true, [WITHOUT_SIGNALS]],
    ['to its last task', true, [['--type', 'LastWorkflowTask']]],
    ['twice', false, [FIRST, FIRST]],
    [
      'twice from the run before, then to its last task',
      true,
      [FIRST, WITHOUT_SIGNALS, ['--type', 'LastWorkflowTask']],
    ],
  ])('%s goes on with the sequence of notifications (phases: %s)', async (_, phases, resets) => {
    const notify = { url: 'https://hooks.example.com/', phases };
    const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s', notify } });
    await delivery.ended();
    let sent = await sequencesIn(stack(), delivery.handle.workflowId);
    for (const args of resets) {
      await reset(stack(), delivery.handle.workflowId, ...args);
      expect(await outcomeNow(stack(), delivery)).toMatchObject({ outcome: 'DELIVERED' });
      const run = await sequencesIn(stack(), delivery.handle.workflowId);
      const isNew = args.includes('FirstWorkflowTask');
      const more = run.filter((sequence) => !sent.includes(sequence));
      expect(more).toEqual(isNew ? [Math.max(...sent) + 1] : []);
      // A run that was reset to its first task has none of the notifications before.
      if (isNew) expect(run).toEqual(more);
      sent = [...sent, ...more];
    }
  });

  test('of many by a query sends nothing to anybody', async () => {
    const wanted: Wanted = { behaviour: 'offline', input: { revocation: BUDGET } };
    const deliveries = await Promise.all([1, 2, 3].map(() => deliver(stack(), wanted)));
    await Promise.all(deliveries.map((delivery) => delivery.ended()));
    const before = await Promise.all(deliveries.map(({ handle }) => currentRun(stack(), handle.workflowId)));
    const query = deliveries.map(({ handle }) => `WorkflowId = '${handle.workflowId}'`).join(' OR ');
    await vi.waitUntil(async () => (await stack().client.workflow.count(query)).count === 3, WAIT);

    await resetWith(stack(), '--query', query, '--yes', ...WITHOUT_SIGNALS);

    for (const [index, delivery] of deliveries.entries()) {
      await vi.waitUntil(async () => (await currentRun(stack(), delivery.handle.workflowId)) !== before[index], WAIT);
      expect(await outcomeNow(stack(), delivery)).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect({ sms: delivery.truth.sms, creates: delivery.truth.creates.length }).toEqual({ sms: 1, creates: 1 });
    }
  });
}

/** The sequence numbers of the notifications in the latest run's history, which may be from before its reset. */
async function sequencesIn({ client }: DeliveryStack, workflowId: string): Promise<readonly number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => sequenceIn(child?.workflowId ?? '') ?? [],
  );
}
