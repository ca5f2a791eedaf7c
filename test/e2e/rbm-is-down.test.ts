import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../../dev/stack/delivery-stack.js';
import { createDeliveryClient, type DeliveryClient } from '../../src/index.js';
import { shellBlocks } from '../docs/pages.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { WAIT } from '../support/wait.js';
import { newPhone } from './support/deliver.js';

const cleanups = new Cleanups();
let stack: DeliveryStack;
let deliveries: DeliveryClient;

beforeAll(async () => {
  const { variables } = await sharedTemporal();
  stack = await startDeliveryStack({ temporal: { env: { ...process.env, ...variables } }, cleanups });
  deliveries = createDeliveryClient({ client: stack.client });
});
afterAll(() => cleanups.run());

/** Starts one to a phone that is offline, and waits until RBM was asked to take it. */
async function started(messageTrafficType: 'AUTHENTICATION' | 'PROMOTION') {
  const [recipient, messageId] = [newPhone(), randomUUID()];
  stack.simulator.script(recipient, 'offline');
  const handle = await deliveries.start({
    ...{ agentId: 'acme-agent', messageId, recipient, messageTrafficType, ttl: '600s', acceptanceTimeout: '300s' },
    contentMessage: { text: 'Hello' },
    revocation: { grace: '1s', budget: '4s' },
    fallback: { sms: { text: 'Hello' } },
  });
  const truth = stack.simulator.truthFor(messageId);
  await vi.waitUntil(() => truth.creates.length > 0, WAIT);
  return { handle, truth };
}

/** The commands of the section, as they are printed. */
const [block = ''] = shellBlocks('docs/operations.md').filter((one) => one.includes("--reason 'RBM is down'"));

async function runbook(): Promise<string> {
  const npx = `npx() { shift; "${process.execPath}" dist/cli/main.js "$@"; }`;
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', `${npx}\n${block}`], {
    env: { ...process.env, ...stack.env },
  });
  return stdout;
}

test("RBM is down: the runbook's commands bring codes out by SMS, and leave offers alone", async () => {
  const before = [await started('AUTHENTICATION'), await started('PROMOTION')] as const;
  stack.simulator.setOutage({ create: 503, delete: 503 });
  const during = [await started('AUTHENTICATION'), await started('PROMOTION')] as const;
  const codes = [before[0], during[0]];
  const offers = [before[1], during[1]];
  const query = "MessageTrafficType = 'AUTHENTICATION'";
  await vi.waitUntil(async () => (await deliveries.count({ query, open: true })) === 2, WAIT);

  const said = await runbook();

  expect(said).toContain('would revoke 2 running deliveries');
  expect(said).toMatch(/2 deliveries:\n2 done/);
  await vi.waitUntil(() => codes.every(({ truth }) => truth.smsDelivered === 1), WAIT);
  const statuses = await Promise.all(codes.map(({ handle }) => handle.status()));
  expect(statuses.map(({ sms }) => sms?.reason)).toEqual(['unconfirmed', 'unconfirmed']);
  expect(offers.map(({ truth }) => truth.deletes.length)).toEqual([0, 0]);

  stack.simulator.setOutage({});
  // RBM is back: the offer that it never had is created, and both wait for their phones.
  await vi.waitUntil(() => offers.every(({ truth }) => truth.acceptedAt !== undefined), WAIT);
  expect(offers.map(({ truth }) => [truth.sms, truth.deletes.length])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});
