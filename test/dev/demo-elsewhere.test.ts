import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { recent } from '../../dev/stack/pollers.js';
import { keyText } from '../encryption/test-keys.js';
import { LIMIT, startDemo, stopDemos, until, type Demo } from './demo-process.js';
import { WAIT } from '../support/wait.js';

// `npm run demo` in a shell that sets TEMPORAL_ADDRESS, TASK_QUEUE or PAYLOAD_ENCRYPTION_KEYS.
/** The server of this run. Its namespace `default`, which the demo uses by itself, is used by no other test. */
const TEMPORAL_ADDRESS = inject('temporalAddress') ?? '';
const namespace = 'default';
const good = { recipient: '+15550100001', contentMessage: { text: 'Hello' }, ttl: '8s' };
let connection: Connection;
let folder: string;
let messages: string;

beforeAll(async () => {
  connection = await Connection.connect({ address: TEMPORAL_ADDRESS });
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
  messages = join(folder, 'messages.jsonl');
  await writeFile(messages, JSON.stringify(good));
});
afterEach(stopDemos);
afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true });
});

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** Polls the task queue as a worker does, until the test ends. */
async function poll(what: 'workflows' | 'activities', name: string): Promise<void> {
  const { workflowService } = connection;
  const from = { namespace, taskQueue: { name }, identity: 'a-worker' };
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
  const asked = { namespace, taskQueue: from.taskQueue, taskQueueType };
  const pollers = async () => (await workflowService.describeTaskQueue(asked)).pollers;
  await vi.waitUntil(async () => (await pollers()).length > 0, WAIT);
}

test('if its task queue already has a worker, the demo uses another one and says so', { timeout: LIMIT }, async () => {
  await poll('workflows', 'message-delivery');
  const demo = startDemo(['--messages', messages, '--keep'], { TEMPORAL_ADDRESS });
  await until(() => demo.output().includes('docs/quick-start.md\n'), demo.output);
  expect(demo.output()).toContain('1 of 1 deliveries agree');
  const [, another = ''] = /task queue (message-delivery-\w+), since/.exec(demo.output()) ?? [];
  expect(another).not.toBe('');
  expect(demo.output()).toContain(`\nexport TASK_QUEUE=${another}\n`);
});

test.each(['workflows', 'activities'] as const)(
  'if the given TASK_QUEUE already has a worker for %s, the demo stops with an error',
  { timeout: LIMIT },
  async (what) => {
    await poll(what, `the ${what}`);
    const demo = startDemo(['--messages', messages], { TEMPORAL_ADDRESS, TASK_QUEUE: `the ${what}` });
    expect(await demo.ended, demo.output()).toBe(2);
    expect(demo.output()).toContain(`The task queue the ${what} at ${TEMPORAL_ADDRESS} has a worker already`);
    expect(demo.output()).not.toContain('simulator');
  },
);

test('with a free TASK_QUEUE the demo uses it and prints it', { timeout: LIMIT }, async () => {
  const env = { TEMPORAL_ADDRESS, TASK_QUEUE: "the demo's" };
  const demo = startDemo(['--messages', messages, '--keep'], env);
  await until(() => demo.output().includes('docs/quick-start.md\n'), demo.output);
  expect(demo.output()).toContain('1 of 1 deliveries agree');
  expect(demo.output()).toContain(`\nexport TEMPORAL_ADDRESS=${TEMPORAL_ADDRESS}\n`);
  expect(demo.output()).toContain(`\nexport TASK_QUEUE='the demo'\\''s'\n`);
  // What is to be pasted is in lines that hold nothing else, and works in the shell of somebody who has only just come.
  const lines = demo.output().split('\n');
  const commands = lines.filter((line) => /^(?:export|npx) /.test(line));
  expect(commands.filter((line) => line.startsWith('npx'))).toHaveLength(3);
  const { PATH, HOME } = process.env;
  const script = ['set -euo pipefail', ...commands].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], {
    env: { PATH, HOME },
    timeout: LIMIT,
  });
  expect(stdout).toMatch(/^DELIVERED\n/);
  expect(stdout).toMatch(/STARTED/);
  const addresses = lines.filter((line) => /^http\S+$/.test(line));
  expect(addresses.map((address) => new URL(address).pathname)).toEqual(['/__simulator/truth', '/readyz']);
  for (const address of addresses) expect((await fetch(address)).status).toBe(200);
});

describe('with encryption keys and a file that has invalid lines', () => {
  const TASK_QUEUE = 'encrypted';
  let demo: Demo;
  beforeAll(async () => {
    const [first, ...others] = (await readFile('examples/messages.jsonl', 'utf8')).trim().split('\n');
    const lines = [first, 'not json', '', JSON.stringify({ ...good, ttl: '5m' }), ...others];
    const file = join(folder, 'invalid-lines.jsonl');
    await writeFile(file, `${lines.join('\n')}\n`);
    const env = { TEMPORAL_ADDRESS, TASK_QUEUE, PAYLOAD_ENCRYPTION_KEYS: keyText('demo') };
    demo = startDemo(['--messages', file], env);
    await demo.ended;
  }, LIMIT);

  test('an invalid line is reported with its number, and the others are sent', async () => {
    expect(await demo.ended, demo.output()).toBe(0);
    expect(demo.output()).toContain('invalid-lines.jsonl:2: is not JSON');
    expect(demo.output()).toContain('invalid-lines.jsonl:4: ttl: must be a text in seconds');
    expect(demo.output()).toContain('7 of 7 deliveries agree');
  });

  test('the payloads are encrypted', async () => {
    const { workflow } = new Client({ connection });
    const asked = { namespace, query: `TaskQueue IN ('${TASK_QUEUE}', '${TASK_QUEUE}-bulk')` };
    const all = async () => (await connection.workflowService.listWorkflowExecutions(asked)).executions;
    await vi.waitUntil(async () => (await all()).length === 7, WAIT);
    for (const { execution } of await all()) {
      const { events } = await workflow.getHandle(execution?.workflowId ?? '').fetchHistory();
      const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      expect(String(payload?.metadata?.['encoding'])).toBe('binary/encrypted');
    }
  });
});

test('wrong encryption keys are reported at once', async () => {
  const demo = startDemo([], { PAYLOAD_ENCRYPTION_KEYS: 'secret' });
  expect(await demo.ended, demo.output()).toBe(2);
  expect(demo.output()).toMatch(
    /^(?:Node\.js 20[^\n]*\n)?wrong configuration:\n {2}PAYLOAD_ENCRYPTION_KEYS must be [^\n]*keyId:base64[^\n]*\n$/,
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
