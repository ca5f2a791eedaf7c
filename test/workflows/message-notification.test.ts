import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { WorkflowFailedError, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNotificationActivities } from '../../src/activities/notification-activities.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import {
  notificationIdFor,
  notificationWorkflowIdFor,
  type DeliveryNotification,
  type MessageNotificationInput,
} from '../../src/contract/notification.js';
import { createNotifier } from '../../src/notify/notifier.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { fakeActivities } from '../client/fake-activities.js';
import { startReceiver, type Receiver } from '../notify/receiver.js';
import { createTestWorker } from '../support/test-worker.js';
import { startRig, inputWith, type Rig } from './rig.js';

const SECRET = `whsec_${Buffer.from('a secret of the tests only').toString('base64')}`;
const taskQueue = `notifications-${randomUUID()}`;
const FORGERS = `forgers-${randomUUID()}`;

let rig: Rig;
let receiver: Receiver;
const cleanups = new Cleanups();
beforeAll(async () => {
  rig = cleanups.add(await startRig(), (one) => one.stop());
  receiver = cleanups.add(await startReceiver(() => 200), (one) => one.stop());
  const { nativeConnection: connection } = rig.env;
  const notifier = createNotifier({ secrets: { [receiver.origin]: [SECRET] } });
  const activities = { ...fakeActivities, ...createNotificationActivities({ notifier }) };
  const workers = [
    await createTestWorker({ connection, taskQueue, activities }),
    await Worker.create({
      connection,
      taskQueue: FORGERS,
      workflowsPath: fileURLToPath(new URL('forging-workflow.ts', import.meta.url)),
    }),
  ];
  for (const worker of workers) {
    const running = worker.run();
    cleanups.add(worker, async (one) => {
      one.shutdown();
      await running;
    });
  }
});
afterAll(() => cleanups.run());

interface Notification {
  readonly delivery: string;
  readonly workflowId: string;
  readonly input: MessageNotificationInput;
}

/** A notification such as a delivery starts it, at a path of its own. */
function notification(changes: Partial<DeliveryNotification['data']> = {}): Notification {
  const body: DeliveryNotification = {
    type: 'delivery.settled',
    timestamp: '2026-01-02T03:04:05.678Z',
    data: {
      ...{ sequence: 1, agentId: 'acme-agent', messageId: randomUUID(), status: 'DELIVERED', outcome: 'DELIVERED' },
      ...{ channel: 'RCS', duplicate: false, expireTime: '2026-01-02T03:14:05.000Z' },
      ...changes,
    },
  };
  const id = notificationIdFor(body);
  return {
    delivery: workflowIdFor(body.data),
    workflowId: notificationWorkflowIdFor(id),
    input: { url: `${receiver.origin}/${randomUUID()}`, id, notification: body },
  };
}

const callsOf = ({ input }: Notification) =>
  receiver.calls.filter(({ path }) => path === new URL(input.url).pathname).length;

/** How it ends when a workflow with this id, which is no delivery's workflow type, starts it. */
const forged = (parent: string, { workflowId, input }: Notification, changed: unknown = input) =>
  rig.env.client.workflow.execute('forge', {
    ...{ taskQueue: FORGERS, workflowId: parent },
    args: [{ taskQueue, workflowId, input: changed }],
  });

const failureOf = (handle: WorkflowHandle) =>
  handle.result().then(
    () => undefined,
    (error: unknown) => {
      const { cause } = error as WorkflowFailedError;
      return cause instanceof ApplicationFailure ? { type: cause.type, final: cause.nonRetryable } : String(cause);
    },
  );

test('a delivery has its notification signed', async () => {
  const path = `/${randomUUID()}`;
  const input = inputWith({ notify: { url: receiver.origin + path }, ttl: '10s', agentId: 'acme-agent@rbm.goog' });
  const workflowId = workflowIdFor(input);
  const handle = await rig.env.client.workflow.start('messageDelivery', { taskQueue, workflowId, args: [input] });
  expect(await handle.result()).toMatchObject({ outcome: 'REVOKED' });
  const id = `acme-agent:${input.messageId}:1:REVOKED`;
  await rig.env.client.workflow.getHandle(notificationWorkflowIdFor(id)).result();
  expect(receiver.verified(path, SECRET)).toMatchObject([{ data: { messageId: input.messageId, outcome: 'REVOKED' } }]);
});

describe('is not signed', () => {
  test('if somebody starts it by hand', async () => {
    const one = notification();
    const options = { taskQueue, workflowId: one.workflowId, args: [one.input] };
    const handle = await rig.env.client.workflow.start('messageNotification', options);
    expect(await failureOf(handle)).toEqual({ type: 'ForeignNotification', final: true });
    expect(callsOf(one)).toBe(0);
  });

  test.each([
    ['a workflow that is no delivery', () => `payroll-${randomUUID()}`],
    ['another notification', () => notificationWorkflowIdFor(`acme-agent:${randomUUID()}:1:DELIVERED`)],
    ['the delivery of another message', () => workflowIdFor({ agentId: 'acme-agent', messageId: randomUUID() })],
    ['the delivery of another agent', (id: string) => id.replace('acme-agent', 'other-agent')],
  ])('if its parent is %s', async (_, parentOf) => {
    const one = notification();
    expect(await forged(parentOf(one.delivery), one)).toBe('ForeignNotification, final');
    expect(callsOf(one)).toBe(0);
  });

  test('if its own id is that of another notification', async () => {
    const one = notification();
    const other = { ...one, workflowId: one.workflowId.replace(':1:', ':2:') };
    expect(await forged(one.delivery, other)).toBe('ForeignNotification, final');
    expect(callsOf(one)).toBe(0);
  });

  const withData = (input: MessageNotificationInput, changed: object) => ({
    ...input,
    notification: { ...input.notification, data: { ...input.notification.data, ...changed } },
  });
  test.each<[string, (input: MessageNotificationInput) => unknown]>([
    ['a field more', (input) => ({ ...input, secret: 'x' })],
    ['a field more in the body', (input) => ({ ...input, notification: { ...input.notification, order: 'x' } })],
    ['a field more in the data', (input) => withData(input, { amount: 1 })],
    ['a status that there is not', (input) => withData(input, { status: 'PAID' })],
    ['a text for a number', (input) => withData(input, { sequence: '1' })],
    ['another sequence than in its id', (input) => withData(input, { sequence: 2 })],
    ['no data', (input) => ({ ...input, notification: { type: 'delivery.settled' } })],
    ['no notification', ({ url, id }) => ({ url, id })],
    ['nothing', () => null],
    ['a text', () => 'delivery.settled'],
    ['a text for the SMS', (input) => withData(input, { sms: 'sent' })],
  ])('if its input has %s', async (_, changed) => {
    const one = notification();
    expect(await forged(one.delivery, one, changed(one.input))).toBe('InvalidInput, final');
    expect(callsOf(one)).toBe(0);
  });

  test('if another workflow runs its activity', async () => {
    const one = notification();
    const { url, id } = one.input;
    const request = { url, id, body: JSON.stringify(one.input.notification), timeoutMs: 5_000 };
    const options = {
      taskQueue: FORGERS,
      workflowId: one.workflowId,
      args: [`${taskQueue}-notify`, 'notify', request],
    };
    expect(await rig.env.client.workflow.execute('forgeActivity', options)).toBe('ForeignNotification, final');
    expect(callsOf(one)).toBe(0);
  });
});
