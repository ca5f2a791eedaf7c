import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startReceiver, type Receiver } from '../notify/receiver.js';
import { deliver, newPhone } from './support/deliver.js';
import { FIRST, reset } from './support/reset.js';
import { useStack } from './support/use-stack.js';
import { WAIT } from '../support/wait.js';

const SECRET = `whsec_${Buffer.from('a secret of the tests only').toString('base64')}`;

/** The business's server: its answer to the n-th call of a path. */
function answer(path: string, n: number): number {
  if (path.startsWith('/flaky')) return n < 3 ? 500 : 200;
  if (path.startsWith('/dead')) return 503;
  if (path.startsWith('/goneOnce')) return n < 2 ? 410 : 200;
  return path.startsWith('/gone') ? 410 : 200;
}

const OTHER_SECRET = `whsec_${Buffer.from('a secret of another host').toString('base64')}`;

const workerEnv: Record<string, string> = {};
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver(answer);
  workerEnv['NOTIFY_ALLOWED_HOSTS'] = `hooks.example.com, ${receiver.origin}`;
  workerEnv['NOTIFY_SECRET'] = `hooks.example.com=${OTHER_SECRET}, ${receiver.origin}=${SECRET}`;
});
const stack = useStack({ workerEnv });
afterAll(() => receiver.stop());

let paths = 0;
const newPath = (kind: string) => `/${kind}/${String((paths += 1))}`;
const ids = (path: string) =>
  receiver.calls.filter((call) => call.path === path).map(({ headers }) => headers['webhook-id']);

test('the outcome is posted once, signed, and without personal data', async () => {
  const path = newPath('hook');
  const notify = { url: receiver.origin + path };
  const delivery = await deliver(stack(), {
    behaviour: 'delivers',
    input: { notify, campaignId: 'spring', ttl: '60s' },
  });

  const { outcome, expireTime } = await delivery.ended();

  await vi.waitFor(() => {
    expect(receiver.verified(path, SECRET)).toHaveLength(1);
  }, WAIT);
  const { messageId } = delivery;
  expect(receiver.verified(path, SECRET)[0]).toEqual({
    type: 'delivery.settled',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    data: {
      ...{ sequence: 1, agentId: 'acme-agent', messageId, campaignId: 'spring' },
      ...{ status: outcome, outcome, channel: 'RCS', duplicate: false, expireTime },
    },
  });
  expect(ids(path)).toEqual([`acme-agent:${messageId}:1:DELIVERED`]);
});

test('with `phases` every phase is posted in order', async () => {
  const path = newPath('hook');
  const notify = { url: receiver.origin + path, phases: true };
  // A receipt that comes with the provider's answer leaves no time for the phase between them.
  const behaviour = { rcs: 'offline', smsReceiptDelay: '3s' } as const;
  const delivery = await deliver(stack(), { behaviour, input: { notify } });

  const { outcome } = await delivery.ended();

  await vi.waitFor(() => {
    expect(receiver.verified(path, SECRET).map(({ data }) => data.status)).toContain(outcome);
  }, WAIT);
  const notifications = receiver.verified(path, SECRET).sort((one, other) => one.data.sequence - other.data.sequence);
  expect(notifications.map(({ type, data: { sequence, status } }) => [type, sequence, status])).toEqual([
    ['delivery.phase', 1, 'AWAITING_DELIVERY'],
    ['delivery.phase', 2, 'REVOKING'],
    ['delivery.phase', 3, 'CONFIRMING_REVOCATION'],
    ['delivery.phase', 4, 'FALLING_BACK'],
    ['delivery.phase', 5, 'AWAITING_SMS_RECEIPT'],
    ['delivery.settled', 6, 'DELIVERED_BY_SMS'],
  ]);
  expect(JSON.stringify(notifications)).not.toContain(delivery.phone.slice(1));
});

test('a failing receiver is called again with the same id and does not delay the delivery', async () => {
  const [flaky, dead, gone] = [newPath('flaky'), newPath('dead'), newPath('gone')];
  const deliveries = await Promise.all(
    [flaky, dead, gone].map((path) =>
      deliver(stack(), { behaviour: 'delivers', input: { notify: { url: receiver.origin + path }, ttl: '60s' } }),
    ),
  );

  const outcomes = await Promise.all(deliveries.map(async (delivery) => (await delivery.ended()).outcome));

  expect(outcomes).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED']);
  await vi.waitFor(() => {
    expect(ids(flaky)).toHaveLength(3);
  }, WAIT);
  expect(new Set(ids(flaky)).size).toBe(1);
  expect(receiver.verified(flaky, SECRET)).toHaveLength(3);
  expect(ids(gone)).toHaveLength(1);
  await vi.waitFor(async () => {
    expect(await statusOf(deliveries[2]?.messageId)).toBe('FAILED');
  }, WAIT);
  expect(await statusOf(deliveries[1]?.messageId)).toBe('RUNNING');
});

test('one that nobody accepted is sent again after a reset of its own workflow', async () => {
  const path = newPath('goneOnce');
  const notify = { url: receiver.origin + path };
  const delivery = await deliver(stack(), { behaviour: 'delivers', input: { notify, ttl: '60s' } });
  await delivery.ended();
  await vi.waitFor(async () => {
    expect(await statusOf(delivery.messageId)).toBe('FAILED');
  }, WAIT);

  await reset(stack(), notificationOf(delivery.messageId), ...FIRST);

  await stack().client.workflow.getHandle(notificationOf(delivery.messageId)).result();
  expect(new Set(ids(path)).size).toBe(1);
  expect(receiver.verified(path, SECRET)).toHaveLength(2);
});

test('a host outside NOTIFY_ALLOWED_HOSTS is never called, and the delivery is not affected', async () => {
  const notify = { url: `${receiver.origin.replace('127.0.0.1', 'localhost')}${newPath('hook')}` };
  const delivery = await deliver(stack(), { behaviour: 'delivers', input: { notify, ttl: '60s' } });

  expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
  await vi.waitFor(async () => {
    expect(await statusOf(delivery.messageId)).toBe('FAILED');
  }, WAIT);
  expect(receiver.calls.map(({ path }) => path)).not.toContain(new URL(notify.url).pathname);
});

test.each(['ftp://hooks.example.com/', 'https://user:secret@hooks.example.com/', '/relative', 'https://'])(
  'a delivery with a bad notify.url fails at once: %s',
  async (url) => {
    const workflowId = `message-delivery:acme-agent:${crypto.randomUUID()}`;
    const messageId = workflowId.split(':')[2];
    const input = { agentId: 'acme-agent', messageId, recipient: newPhone(), contentMessage: {}, ttl: '60s' };
    const { workflow } = stack().client;
    const args = [{ ...input, notify: { url, phases: 'yes' } }];
    const run = workflow.execute('messageDelivery', { taskQueue: 'message-delivery', workflowId, args });

    await expect(run).rejects.toMatchObject({
      cause: {
        type: 'InvalidInput',
        message: expect.stringMatching(
          /notify.url: must be an http or https URL without credentials; notify.phases: must be true or false/,
        ) as string,
      },
    });
  },
);

/** The id of the workflow that posts the first notification for this message. */
const notificationOf = (messageId = ''): string => `message-notification:acme-agent:${messageId}:1:DELIVERED`;

async function statusOf(messageId?: string): Promise<string> {
  return (await stack().client.workflow.getHandle(notificationOf(messageId)).describe()).status.name;
}
