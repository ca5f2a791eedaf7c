import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { recent } from '../../dev/stack/pollers.js';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import { keyText } from '../encryption/test-keys.js';
import { LIMIT, startDemo, until } from './demo-process.js';

// `npm run demo` in a shell that sets TEMPORAL_ADDRESS, TASK_QUEUE or PAYLOAD_ENCRYPTION_KEYS.
let server: DevServer;
let connection: Connection;
let folder: string;
let messages: string;

beforeAll(async () => {
  server = await startDevServer({ env: { ...process.env, TEMPORAL_ADDRESS: '' } });
  connection = await Connection.connect({ address: server.address });
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
  messages = join(folder, 'messages.jsonl');
  await writeFile(
    messages,
    JSON.stringify({ recipient: '+15550100001', contentMessage: { text: 'Hello' }, ttl: '8s' }),
  );
});
afterAll(async () => {
  await connection.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** Polls the task queue as a worker does, until the test ends. */
async function poll(what: 'workflows' | 'activities', name: string): Promise<void> {
  const { workflowService } = connection;
  const from = { namespace: server.namespace, taskQueue: { name }, identity: 'a-worker' };
  const ask = (): Promise<unknown> =>
    what === 'workflows' ? workflowService.pollWorkflowTaskQueue(from) : workflowService.pollActivityTaskQueue(from);
  const controller = new AbortController();
  const polling = connection
    .withAbortSignal(controller.signal, () => connection.withDeadline(Date.now() + LIMIT, ask))
    .catch(() => undefined);
  onTestFinished(async () => {
    controller.abort();
    await polling;
  });
  const taskQueueType = what === 'workflows' ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY;
  const { namespace, taskQueue } = from;
  const describe = () => workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType });
  await vi.waitUntil(async () => (await describe()).pollers.length > 0, { timeout: 20_000 });
}

test('if its task queue already has a worker, the demo uses another one and says so', { timeout: LIMIT }, async () => {
  await poll('workflows', 'message-delivery');
  const demo = startDemo(['--messages', messages, '--keep'], { TEMPORAL_ADDRESS: server.address });
  await until(() => /npx rcs-delivery send/.test(demo.output()), demo.output);
  expect(demo.output()).toContain('1 of 1 deliveries agree');
  const [, another = ''] = /task queue (message-delivery-\w+), since/.exec(demo.output()) ?? [];
  expect(another).not.toBe('');
  expect(demo.output()).toContain(` TASK_QUEUE=${another} `);
});

test.each(['workflows', 'activities'] as const)(
  'if the given TASK_QUEUE already has a worker for %s, the demo stops with an error',
  { timeout: LIMIT },
  async (what) => {
    await poll(what, `the ${what}`);
    const demo = startDemo(['--messages', messages], { TEMPORAL_ADDRESS: server.address, TASK_QUEUE: `the ${what}` });
    expect(await demo.ended, demo.output()).toBe(2);
    expect(demo.output()).toContain(`The task queue the ${what} at ${server.address} has a worker already`);
    expect(demo.output()).not.toContain('simulated');
  },
);

test('with a free TASK_QUEUE the demo uses it and prints it', { timeout: LIMIT }, async () => {
  const env = { TEMPORAL_ADDRESS: server.address, TASK_QUEUE: "the demo's" };
  const demo = startDemo(['--messages', messages, '--keep'], env);
  await until(() => /npx rcs-delivery send/.test(demo.output()), demo.output);
  expect(demo.output()).toContain('1 of 1 deliveries agree');
  expect(demo.output()).toContain(`export TEMPORAL_ADDRESS=${server.address} `);
  expect(demo.output()).toContain(` TASK_QUEUE='the demo'\\''s' `);
});

test('with encryption keys the payloads are encrypted', { timeout: LIMIT }, async () => {
  const PAYLOAD_ENCRYPTION_KEYS = keyText('demo');
  const TASK_QUEUE = 'encrypted';
  const demo = startDemo([], { TEMPORAL_ADDRESS: server.address, TASK_QUEUE, PAYLOAD_ENCRYPTION_KEYS });
  expect(await demo.ended, demo.output()).toBe(0);
  expect(demo.output()).toContain('7 of 7 deliveries agree');
  const { workflow } = new Client({ connection });
  const asked = { namespace: server.namespace, query: `TaskQueue = '${TASK_QUEUE}'` };
  const all = async () => (await connection.workflowService.listWorkflowExecutions(asked)).executions;
  await vi.waitUntil(async () => (await all()).length === 7, { timeout: 20_000 });
  for (const { execution } of await all()) {
    const { events } = await workflow.getHandle(execution?.workflowId ?? '').fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(String(payload?.metadata?.['encoding'])).toBe('binary/encrypted');
  }
});

test('wrong encryption keys are reported at once', async () => {
  const demo = startDemo([], { PAYLOAD_ENCRYPTION_KEYS: 'secret' });
  expect(await demo.ended, demo.output()).toBe(2);
  expect(demo.output()).toMatch(
    /^wrong configuration:\n {2}PAYLOAD_ENCRYPTION_KEYS must be [^\n]*keyId:base64[^\n]*\n$/,
  );
  expect(demo.output()).not.toContain('secret');
});

test('a poller counts until it was last seen too long ago', () => {
  const now = Date.now();
  const seen = (identity: string, secondsAgo: number) => ({
    identity,
    lastAccessTime: { seconds: Math.floor(now / 1000) - secondsAgo },
  });
  const pollers = [seen('idle', 61), seen('gone', 120), { identity: 'untold' }];
  expect(recent(pollers, now).map(({ identity }) => identity)).toEqual(['idle', 'untold']);
});
