import { fileURLToPath } from 'node:url';
import { Connection, WorkflowClient } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import type { MessageActivities, SendRcsInput, SendSmsInput } from '../../src/activities/message-activities.js';
import { deliveredSignal } from '../../src/contract/messages.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import { html, json, serve, silence, type Handler, type Loopback } from '../http/loopback.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { sharedTemporal } from '../support/shared-temporal.js';

/** The activities of the test that is running. */
let current: MessageActivities;
let client: WorkflowClient;
let worker: Worker;
let running: Promise<void>;
const cleanups = new Cleanups();

const TASK_QUEUE = 'attempts';

// One worker for all tests: each start of a worker costs more than a test.
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const { address, namespace } = await sharedTemporal();
  const native = cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
  const connection = cleanups.add(await Connection.connect({ address }), (one) => one.close());
  client = new WorkflowClient({ connection, namespace });
  worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('attempts-workflow.ts', import.meta.url)),
    activities: {
      sendRcs: (given: SendRcsInput) => current.sendRcs(given),
      sendSms: (given: SendSmsInput) => current.sendSms(given),
    },
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await cleanups.run();
});

const input: SendRcsInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Hello' },
  expireTime: '2099-01-02T03:15:05Z',
  revokeTime: '2099-01-02T03:14:05Z',
  timeoutMs: 5_000,
  mayBeQueued: false,
};

const NOW = Date.parse('2026-01-02T03:04:05Z');

function setActivities(url: string): void {
  const auth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
  const rbm = createRbmClient({ endpoint: url, auth });
  const sms = createHttpSmsProvider({ url, token: 'gateway-token' });
  current = createActivities({ rbm, sms, now: () => NOW });
}

async function execute(workflow: string, args: unknown[], url: string): Promise<unknown> {
  setActivities(url);
  return client.execute(workflow, { taskQueue: TASK_QUEUE, workflowId: crypto.randomUUID(), args });
}

/** One sendRcs under Temporal's own retries, against an RBM with scripted answers. */
async function sendRcs(mode: 'normal' | 'local', ...answers: readonly Handler[]): Promise<Loopback & { end: unknown }> {
  const rbm = await serve(...answers);
  return { ...rbm, end: await execute('attempts', [mode, input], rbm.url) };
}

const unreachable = (mayBeQueued: boolean) => ({
  type: 'RbmNotFound',
  details: [{ httpStatus: 404, mayBeQueued, answeredTime: new Date(NOW).toISOString() }],
});

describe('one attempt of a normal activity tells the next one', () => {
  test('that the message may be queued', async () => {
    const { end, received } = await sendRcs('normal', html(503), html(404));
    expect(end).toEqual(unreachable(true));
    expect(received).toHaveLength(2);
  });

  test('and the word is handed on', async () => {
    const { end, received } = await sendRcs('normal', html(503), html(429), html(429), html(404));
    expect(end).toEqual(unreachable(true));
    expect(received).toHaveLength(4);
  });

  test('that it surely is not', async () => {
    const { end } = await sendRcs('normal', html(429), html(401), html(404));
    expect(end).toEqual(unreachable(false));
  });

  test('and one that Temporal gave up on leaves no word: it may be', async () => {
    const { end } = await sendRcs('normal', html(429), silence, html(404));
    expect(end).toEqual(unreachable(true));
  });
});

test('a pending activity that Temporal hands to the run after a reset sends nothing', async () => {
  const { url, received } = await serve(json(429, {}, { 'retry-after': '600' }));
  setActivities(url);
  const workflowId = crypto.randomUUID();
  const handle = await client.start('resettable', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
  await expect.poll(() => received.length).toBe(1);
  await handle.signal(deliveredSignal, { eventId: 'e', sendTime: '' });
  const secondTask = async () => {
    const { events } = await handle.fetchHistory();
    return events?.filter(({ workflowTaskCompletedEventAttributes: completed }) => completed != null)[1]?.eventId;
  };
  await expect.poll(secondTask).toBeDefined();
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: handle.firstExecutionRunId },
    workflowTaskFinishEventId: (await secondTask()) ?? null,
    requestId: crypto.randomUUID(),
    reason: 'test',
  });
  expect(await client.getHandle(workflowId).result()).toMatchObject({
    type: 'RbmNotSent',
    details: [{ code: 'WORKFLOW_RESET', mayBeQueued: true }],
  });
  expect(received).toHaveLength(1);
});

describe('a local activity', () => {
  test("counts from Temporal's time, whatever the worker's clock says", async () => {
    const askedAt = NOW + 3_600_000;
    const { url } = await serve(html(404));
    const end = await execute('attempts', ['local', { ...input, askedAt }], url);
    const [{ answeredTime }] = (end as { details: [{ answeredTime: string }] }).details;
    const elapsed = Date.parse(answeredTime) - askedAt;
    expect(elapsed).toBeGreaterThanOrEqual(0);
    // An hour later at the most: not by the worker's clock.
    expect(elapsed).toBeLessThan(3_600_000);
  });

  test('fails as a normal one does', async () => {
    expect((await sendRcs('local', html(404))).end).toEqual(unreachable(false));
  });

  test('has no heartbeats: from its second attempt on, the message may be queued', async () => {
    expect((await sendRcs('local', html(429), html(404))).end).toEqual(unreachable(true));
  });
});

test('a worker that falls silent has left word whom it asked for the SMS', async () => {
  const sms: SendSmsInput = {
    agentId: 'acme-agent',
    to: '+15550100001',
    text: 'x',
    reference: 'x',
    idempotencyKey: 'x',
    validUntil: '2126-01-02T03:14:05Z',
    timeoutMs: 5_000,
  };
  const { url } = await serve(silence);
  expect(await execute('smsAttempt', [sms], url)).toEqual({
    kind: 'smsAnswered',
    answer: 'unanswered',
    provider: 'http',
    repeatable: true,
  });
});

test('Retry-After takes the place of the retry interval', async () => {
  const times: number[] = [];
  const note = (handler: Handler): Handler => {
    return (request, response) => {
      times.push(performance.now());
      handler(request, response);
    };
  };
  await sendRcs('normal', note(json(429, {}, { 'retry-after': '2' })), note(html(404)));
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_900);
});
