import { fileURLToPath } from 'node:url';
import { Connection, WorkflowClient } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import type { MessageActivities, SendRcsInput, SendSmsInput } from '../../src/activities/message-activities.js';
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

async function execute(workflow: string, args: unknown[], url: string): Promise<unknown> {
  const auth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
  const rbm = createRbmClient({ endpoint: url, auth });
  const sms = createHttpSmsProvider({ url, token: 'gateway-token' });
  current = createActivities({ rbm, sms, now: () => NOW });
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

describe('a local activity', () => {
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
