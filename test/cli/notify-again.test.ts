import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDeliveryClient, type UnacceptedNotification } from '../../src/index.js';
import { setNotificationStage, type NotificationStage } from '../notify/notification-stage.js';

/** The receiver is down, and asks for an hour. */
const DOWN = { status: 503, headers: { 'retry-after': '3600' } };
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/.source;
const ONE_FAILED = new RegExp(
  `\\n\\nnotification 1 \\(DELIVERED\\): failed at ${TIME}(?: after \\w+)?: last answer 410\\n` +
    '  send it again with: rcs-delivery notify-again acme:[0-9a-f-]{36}\\n$',
);

describe.each([
  ['in cleartext', false],
  ['encrypted', true],
])('%s', (_, encrypted) => {
  let stage: NotificationStage;
  beforeAll(async () => {
    stage = await setNotificationStage({ encrypted });
  });
  afterAll(() => stage.stop());

  const notificationsIn = async (...args: readonly string[]) =>
    (JSON.parse((await stage.rcs(...args, '--json')).stdout) as { notifications: UnacceptedNotification[] })
      .notifications;

  test('status names a notification that the receiver refused, and notify-again sends it again', async () => {
    const one = await stage.settled(410);
    await one.untilListed('FAILED');
    expect((await stage.rcs('status', one.shortId)).stdout).toMatch(ONE_FAILED);
    expect(await notificationsIn('status', one.shortId)).toEqual([
      expect.objectContaining({
        ...{ workflowId: one.notification, sequence: 1, status: 'DELIVERED', state: 'failed' },
        lastFailure: { type: 'NotifyRefused', httpStatus: 410, message: 'the notify.url answered 410' },
      }),
    ]);

    one.answer(200);
    const sent = await stage.rcs('notify-again', one.shortId, '--reason', 'receiver repaired');
    expect(sent).toEqual({ code: 0, stdout: 'notification 1 (DELIVERED): the worker sends it again\n', stderr: '' });
    await one.until('COMPLETED');
    const nothing = `nothing to send again: Temporal keeps no failed notification of ${one.shortId}\n`;
    expect(await stage.rcs('notify-again', one.shortId)).toEqual({ code: 0, stdout: nothing, stderr: '' });
    expect(await notificationsIn('status', one.shortId)).toEqual([]);
    const webhookId = one.notification.replace('message-notification:', '');
    expect(one.calls()).toEqual([webhookId, webhookId]);
    const { events } = await stage.client.workflow.getHandle(one.notification).fetchHistory();
    const reasons = (events ?? []).map((event) => event.workflowTaskFailedEventAttributes?.failure?.message);
    expect(reasons.find(Boolean)).toContain('receiver repaired');
  });

  test('one that is being retried is shown with its last answer, and notify-again leaves it alone', async () => {
    const one = await stage.settled(DOWN);
    await one.untilListed('RUNNING');
    await expect.poll(() => notificationsIn('status', one.shortId)).toMatchObject([{ failedAttempts: 1 }]);
    const lines = new RegExp(
      `notification 1 \\(DELIVERED\\): not accepted yet: 1 attempt failed, last answer 503\\n` +
        `  next try at ${TIME} \\(in (?:59m \\d+s|1h)\\), given up at ${TIME}\\n$`,
    );
    expect((await stage.rcs('status', one.shortId)).stdout).toMatch(lines);
    const { runId } = await stage.client.workflow.getHandle(one.notification).describe();
    expect((await stage.rcs('notify-again', one.shortId)).stdout).toMatch(lines);
    expect(JSON.parse((await stage.rcs('notify-again', one.shortId, '--json')).stdout)).toMatchObject({
      sentAgain: [],
      pending: [{ state: 'pending', lastFailure: { httpStatus: 503 } }],
    });
    expect((await stage.client.workflow.getHandle(one.notification).describe()).runId).toBe(runId);
    expect(one.calls()).toHaveLength(1);
  });
});

describe('of many', () => {
  let stage: NotificationStage;
  beforeAll(async () => {
    stage = await setNotificationStage();
  });
  afterAll(() => stage.stop());

  const listed = async (...args: readonly string[]) => {
    const { stdout } = await stage.rcs('list', ...args, '--json');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { workflowId: string }).workflowId);
  };
  const sums = async (...args: readonly string[]) =>
    JSON.parse((await stage.rcs('notify-again', ...args, '--json')).stdout) as unknown;
  const runsOf = async (workflowId: string) => {
    const runs: string[] = [];
    for await (const { runId } of stage.client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      runs.push(runId);
    return runs;
  };

  test('list finds deliveries by their notifications, and notify-again shows what it would do first', async () => {
    const [spring, other] = [
      await stage.settled(410, { campaignId: 'spring' }),
      await stage.settled(410, { agentId: 'other', campaignId: 'autumn' }),
    ];
    const [retried, accepted] = [await stage.settled(DOWN), await stage.settled(200)];
    const failed = [other, spring].map(({ handle }) => handle.workflowId);
    await accepted.until('COMPLETED');
    await expect.poll(() => listed('--notification', 'failed')).toEqual(failed);
    await expect.poll(() => listed('--notification', 'pending')).toEqual([retried.handle.workflowId]);
    expect(await listed('--notification', 'failed', '--limit', '1')).toEqual(failed.slice(0, 1));
    expect(await listed('--notification', 'failed', '--campaign', 'spring')).toEqual(failed.slice(1));
    expect(await listed('--notification', 'failed', '--agent', 'other')).toEqual(failed.slice(0, 1));

    const dry = await stage.rcs('notify-again', '--failed-since', '1h');
    expect(dry.stdout).toMatch(/^would send 2 notifications of 2 deliveries again\n/);
    expect(dry.stdout).toMatch(/\n {2}notification 1 \(DELIVERED\): failed at .*: last answer 410\n/);
    expect(dry.stdout).toMatch(/\n\nNothing has been done. Add --yes to do it.\n$/);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await sums('--failed-since', later)).toMatchObject({ dryRun: true, matched: 0 });
    expect(await sums('--query', 'CampaignId="autumn"')).toMatchObject({ matched: 1, sample: [other.notification] });
    expect([spring, other].flatMap(({ calls }) => calls())).toHaveLength(2);

    other.answer(200);
    const sent = { dryRun: false, matched: 1, done: 1, skipped: {}, failed: {}, stopped: null };
    expect(await sums('--failed-since', '1h', '--query', 'CampaignId="autumn"', '--yes')).toEqual(sent);
    await other.until('COMPLETED');
    // Its first run is still listed as failed.
    expect(await listed('--notification', 'failed')).toEqual(failed.slice(1));
    spring.answer(200);
    expect(await sums('--failed-since', '1h', '--yes')).toEqual(sent);
    await spring.until('COMPLETED');
    const again = await stage.rcs('notify-again', '--failed-since', '1h', '--yes');
    const nothing = 'no failed notification matches: there is nothing to do\n';
    expect(again).toEqual({ code: 0, stdout: nothing, stderr: '' });
    expect([spring, other].map(({ calls }) => calls().length)).toEqual([2, 2]);
    expect([retried, accepted].map(({ calls }) => calls().length)).toEqual([1, 1]);
  });

  test('two commands at the same time send it again once', async () => {
    const one = await stage.settled(410);
    await one.until('FAILED');
    one.answer(DOWN);
    const { notifications } = stage.deliveries;
    const send = () => notifications.sendAgain(one.notification, { reason: 'a test' });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers).toContain('sent');
    expect(answers.filter((answer) => answer !== 'sent' && answer !== 'pending')).toEqual([]);
    await expect.poll(() => one.calls().length).toBe(2);
    await expect.poll(() => runsOf(one.notification)).toHaveLength(2);
    expect(await notifications.sendAgain(one.notification, { reason: 'a test' })).toBe('pending');
  });

  /** Stands for the three days: the notification is given up after this time. Milliseconds. */
  const giveUpAfter = async (workflowId: string, ms: number) => {
    const { workflowService, options } = stage.client.workflow;
    await workflowService.updateActivityOptions({
      ...{ namespace: options.namespace, execution: { workflowId }, type: 'notify' },
      activityOptions: { scheduleToCloseTimeout: msToTs(ms) },
      updateMask: { paths: ['schedule_to_close_timeout'] },
    });
  };

  test('one whose time was over before its next try has failed, and says so', async () => {
    const one = await stage.settled(DOWN);
    await expect
      .poll(() => stage.deliveries.notifications.unaccepted(one.handle))
      .toMatchObject([{ failedAttempts: 1 }]);
    await giveUpAfter(one.notification, 1_000);
    await one.untilListed('FAILED');
    expect((await stage.rcs('status', one.shortId)).stdout).toMatch(
      /: failed at .*: its time was over while it waited/,
    );
  });

  test('one that somebody terminated is sent again, also if no worker had begun it', async () => {
    const one = await stage.settled(DOWN);
    await expect.poll(() => one.calls().length).toBe(1);
    await stage.client.workflow.getHandle(one.notification).terminate('a test');
    await one.untilListed('TERMINATED');
    expect((await stage.rcs('status', one.shortId)).stdout).toContain('(DELIVERED): ended as TERMINATED at ');
    one.answer(200);
    expect((await stage.rcs('notify-again', one.shortId)).stdout).toContain('the worker sends it again');
    await one.until('COMPLETED');

    const unbegun = await notificationWithoutWorker(stage);
    await stage.client.workflow.getHandle(unbegun).terminate('a test');
    expect(await stage.deliveries.notifications.sendAgain(unbegun, { reason: 'a test' })).toBe('sent');
    expect(await stage.deliveries.notifications.sendAgain(unbegun, { reason: 'a test' })).toBe('pending');
  });

  test('one that no delivery started is neither listed nor sent', async () => {
    const messageId = randomUUID();
    const workflowId = `message-notification:acme:${messageId}:1:DELIVERED`;
    const { workflow } = stage.client;
    const handle = await workflow.start('messageNotification', { taskQueue: 'notified', workflowId, args: [{}] });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'ForeignNotification' } });
    await expect.poll(() => runsOf(workflowId)).toHaveLength(1);
    expect(await listed('--notification', 'failed')).not.toContain(`message-delivery:acme:${messageId}`);
    expect(JSON.stringify(await sums('--failed-since', '1h'))).not.toContain(messageId);
    expect(await stage.deliveries.notifications.sendAgain(workflowId, { reason: 'a test' })).toBe('gone');
  });

  test('what Temporal does not keep is not sent again, and the error says so', async () => {
    const unknown = `acme:${randomUUID()}`;
    const { code, stderr } = await stage.rcs('notify-again', unknown);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^note: it was never started, or Temporal no longer keeps it .*\n/);
    expect(stderr).toContain(`\nrcs-delivery: no delivery message-delivery:${unknown}\n`);
    const one = await stage.settled(410);
    await one.untilListed('FAILED');
    const { workflowService, options } = stage.client.workflow;
    const workflowExecution = { workflowId: one.notification };
    await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
    const handle = stage.client.workflow.getHandle(one.notification);
    const isGone = () =>
      handle.describe().then(
        () => false,
        (error: unknown) => error instanceof WorkflowNotFoundError,
      );
    await expect.poll(isGone).toBe(true);
    expect(await stage.deliveries.notifications.sendAgain(one.notification, { reason: 'a test' })).toBe('gone');
    expect((await stage.rcs('notify-again', one.shortId)).stdout).toMatch(/^nothing to send again: /);
  });

  test('a delivery without notify costs no search, and one that this client can not decrypt is searched', async () => {
    const search = vi.spyOn(stage.client.workflowService, 'listWorkflowExecutions');
    const { handle } = await stage.settled(200, { notify: undefined });
    expect(await stage.deliveries.notifications.unaccepted(handle)).toEqual([]);
    expect((await stage.rcs('status', handle.workflowId, '--json')).stdout).toContain('"notifications": []');
    expect(search).not.toHaveBeenCalled();
    search.mockRestore();

    const encrypting = await setNotificationStage({ encrypted: true });
    const one = await encrypting.settled(410);
    await one.untilListed('FAILED');
    const { connection, options } = encrypting.client;
    const withoutKeys = createDeliveryClient({ client: new Client({ connection, namespace: options.namespace }) });
    const [found] = await withoutKeys.notifications.unaccepted(one.handle);
    await encrypting.stop();
    expect(found).toMatchObject({ state: 'failed', workflowId: one.notification });
    expect(found).not.toHaveProperty('lastFailure');
  });
});

/** Starts one whose task queue no worker polls, under a parent with a delivery's id. */
async function notificationWithoutWorker({ address, client }: NotificationStage): Promise<string> {
  const [taskQueue, messageId] = [`forgers-${randomUUID()}`, randomUUID()];
  const workflowId = `message-notification:acme:${messageId}:1:DELIVERED`;
  const connection = await NativeConnection.connect({ address });
  const { namespace } = client.options;
  const workflowsPath = fileURLToPath(new URL('../workflows/forging-workflow.ts', import.meta.url));
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath });
  await worker.runUntil(async () => {
    await client.workflow.start('forge', {
      ...{ taskQueue, workflowId: `message-delivery:acme:${messageId}` },
      args: [{ taskQueue: 'nobody', workflowId, input: {} }],
    });
    const started = () => client.workflow.getHandle(workflowId).describe();
    await expect
      .poll(() =>
        started().then(
          ({ status }) => status.name,
          () => 'none',
        ),
      )
      .toBe('RUNNING');
  });
  await connection.close();
  return workflowId;
}
