import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';
import { createDeliveryClient } from '../../src/client/delivery-client.js';
import { taskQueueFor } from '../../src/contract/task-queues.js';
import { WAIT } from '../support/wait.js';
import { deliver, newPhone } from './support/deliver.js';
import { useStack } from './support/use-stack.js';

const stack = useStack({ temporal: { dynamicConfig: { 'matching.enableFairness': true } } });

/** Sets how many requests to RBM may be made in a second, as docs/operations.md says. */
async function limit(
  of: 'rbm' | 'revoke',
  name: '--fairness-key-rps-limit-default' | '--queue-rps-limit',
  perSecond: string,
): Promise<void> {
  const { path } = await findTemporalCli({ env: { ...process.env, TEMPORAL_ADDRESS: '' } });
  const queue = ['--task-queue', taskQueueFor(stack().config.taskQueue, of), '--task-queue-type', 'activity'];
  const server = ['--address', stack().temporal.address, '--client-connect-timeout', '60s'];
  await promisify(execFile)(path, [...['task-queue', 'config', 'set', ...queue, name, perSecond, ...server]]);
}
const limitEachAgent = (perSecond: string) => limit('rbm', '--fairness-key-rps-limit-default', perSecond);

/** Starts promotions, whose first create is a request like any other. Returns how many have reached RBM. */
async function startPromotions(agentId: string, count: number): Promise<() => number> {
  const { client, config, simulator } = stack();
  const deliveries = createDeliveryClient({ client, taskQueue: config.taskQueue });
  const messageIds = Array.from({ length: count }, () => randomUUID());
  await Promise.all(
    messageIds.map((messageId) =>
      deliveries.start({
        ...{ agentId, messageId, recipient: newPhone() },
        contentMessage: { text: 'An offer' },
        messageTrafficType: 'PROMOTION',
        ttl: '3600s',
      }),
    ),
  );
  return () => messageIds.filter((messageId) => simulator.truthFor(messageId).creates.length > 0).length;
}

// Server 1.29.1 needs `matching.useNewMatcher` for this, which `matching.enableFairness` includes.
test('a limit per agent slows the busy agent down', async () => {
  await limitEachAgent('0.1');
  const busy = await startPromotions('busy-agent', 20);
  await vi.waitUntil(() => busy() > 0, WAIT);
  const quiet = await startPromotions('quiet-agent', 1);
  await vi.waitUntil(() => quiet() === 1, WAIT);
  // At once one for each of the queue's four partitions, then one in 10 s.
  expect(busy()).toBeLessThan(10);

  await limitEachAgent('default');
  await vi.waitUntil(() => busy() === 20, WAIT);
});

// Without fairness, before server 1.32, some requests of the others wait for the whole backlog.
test('with fairness, the backlog of a busy agent holds up no other', async () => {
  await limitEachAgent('4');
  const busy = await startPromotions('busy-agent', 160);
  // By now the oldest requests wait for more than 5 s. Then new ones don't overtake them.
  await vi.waitUntil(() => busy() > 40, WAIT);
  // So many that each of the queue's partitions gets some.
  const quiet = await startPromotions('quiet-agent', 16);
  await vi.waitUntil(() => quiet() === 16, WAIT);
  // The last of the busy agent's requests comes after 40 s.
  expect(busy()).toBeLessThan(120);

  await limitEachAgent('default');
  await vi.waitUntil(() => busy() === 160, WAIT);
});

test('a DELETE that a limit holds up longer than the budget counts as unanswered, and the SMS of a code follows', async () => {
  await limit('revoke', '--queue-rps-limit', '0');
  const revocation = { grace: '1s', budget: '4s', deadMansSwitch: '8s' };
  const { handle, truth } = await deliver(stack(), { behaviour: 'offline', input: { ttl: '5s', revocation } });
  expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
  expect(truth.deletes).toEqual([]);
  expect(truth.sms).toBe(1);
  await limit('revoke', '--queue-rps-limit', 'default');
});
