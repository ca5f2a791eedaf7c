import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { ApplicationFailure, type DataConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../../dev/stack/delivery-stack.js';
import type { MessageActivities } from '../../src/activities/message-activities.js';
import { isObject } from '../../src/contract/check.js';
import { revokeNowUpdate } from '../../src/contract/messages.js';
import { FailureType } from '../../src/contract/failures.js';
import { createDataConverter } from '../../src/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { formsOf } from '../encryption/forms-of.js';
import { keyText, testKeys } from '../encryption/test-keys.js';
import { runProgram } from './support/run-program.js';
import { quietTemporal } from '../support/quiet-temporal.js';

const MARKED = {
  phone: '15550177341',
  text: 'MarkedRcsText-7f3k',
  sms: 'MarkedSmsText-9q2d',
  reason: 'MarkedReason-4t8w',
  badInput: 'MarkedBadInput-6z1h',
  failure: 'MarkedActivityFailure-2m5x',
};
const { PATH, HOME, TMPDIR } = process.env;
const bundle = (name: string) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
const encrypting = createDataConverter({ keys: testKeys('current') });

beforeAll(quietTemporal);

const input = (given: Readonly<Record<string, unknown>> = {}) => ({
  agentId: 'acme-agent',
  messageId: randomUUID(),
  recipient: `+${MARKED.phone}`,
  contentMessage: { text: MARKED.text },
  messageTrafficType: 'AUTHENTICATION',
  ttl: '60s',
  fallback: { sms: { text: MARKED.sms } },
  revocation: { grace: '1s', budget: '4s' },
  ...given,
});

/** What real traffic has left behind after every process has stopped. */
interface Left {
  readonly database: Buffer;
  readonly delivered: Run;
  readonly failed: Run;
}

interface Run {
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

async function marked(converter: DataConverter | undefined, env: Record<string, string>): Promise<Left> {
  const folder = await mkdtemp(join(tmpdir(), 'rcs-encryption-'));
  const cleanups = new Cleanups();
  try {
    const stack = await startDeliveryStack({
      inherited: { PATH, HOME, TMPDIR, ...env },
      temporal: { dbFilename: join(folder, 'temporal.db'), env: { ...process.env, TEMPORAL_ADDRESS: '' } },
      cleanups,
    });
    const client = new Client({ connection: stack.client.connection, ...(converter && { dataConverter: converter }) });
    const start = (given: ReturnType<typeof input>, taskQueue = 'message-delivery') =>
      client.workflow.start('messageDelivery', {
        taskQueue,
        workflowId: `message-delivery:acme-agent:${given.messageId}`,
        args: [given],
      });
    const delivered = await deliversByRcs(stack, env);
    await fallsBackToSms(stack, start);
    const failed = await failsAtOnce(start);
    await failsInActivities({ stack, start, converter });
    const runOf = async (workflowId: string): Promise<Run> => {
      return { workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
    };
    const runs = { delivered: await runOf(delivered), failed: await runOf(failed.workflowId) };
    await cleanups.run();
    return { database: await everythingIn(folder), ...runs };
  } finally {
    await cleanups.run();
    await rm(folder, { recursive: true });
  }
}

type Start = (given: ReturnType<typeof input>, taskQueue?: string) => Promise<WorkflowHandle>;

/** Sends a message through the CLI. RBM's event comes back through the webhook. Returns the workflow id. */
async function deliversByRcs(stack: DeliveryStack, keys: Record<string, string>): Promise<string> {
  stack.simulator.script(`+${MARKED.phone}`, 'delivers');
  const env = { PATH, HOME, ...stack.env, ...keys };
  const sent = await runProgram(['send', '--file', '-'], env, JSON.stringify(input()));
  expect(sent).toMatchObject({ code: 0, stderr: '' });
  const id = sent.stdout.trim();
  await stack.client.workflow.getHandle(id).result();
  const { stdout: status } = await runProgram(['status', id, '--json'], env);
  expect(status).toMatch(/"outcome": *"DELIVERED"/);
  return id;
}

async function fallsBackToSms({ simulator }: DeliveryStack, start: Start): Promise<void> {
  simulator.script(`+${MARKED.phone}`, 'offline');
  const handle = await start(input());
  await handle.executeUpdate(revokeNowUpdate, { args: [{ reason: MARKED.reason, fallback: 'sms' }] });
  expect(await handle.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
}

async function failsAtOnce(start: Start): Promise<WorkflowHandle> {
  const handle = await start(input({ recipient: MARKED.badInput, [MARKED.badInput]: 1 }));
  await expect(handle.result()).rejects.toMatchObject({
    cause: { type: 'InvalidInput', message: expect.stringContaining('recipient') as string },
  });
  return handle;
}

/** The project's activities put nothing personal into their failures, but a failure caused by a bug may hold anything. */
async function failsInActivities({
  stack,
  start,
  converter,
}: {
  readonly stack: DeliveryStack;
  readonly start: Start;
  readonly converter: DataConverter | undefined;
}): Promise<void> {
  const fail = (): Promise<never> => {
    const cause = new Error(`${MARKED.failure} of a cause`);
    const details = [{ note: MARKED.failure }];
    const { failure: message } = MARKED;
    return Promise.reject(
      ApplicationFailure.create({ type: FailureType.RbmUnavailable, message, details, cause, nonRetryable: true }),
    );
  };
  const fails = { sendRcs: fail, revokeRcs: fail, sendSms: fail, reconcileSms: fail };
  const activities: MessageActivities = { ...fails, lookBack: fail, measureOutage: fail };
  const connection = await NativeConnection.connect({ address: stack.temporal.address });
  const worker = await createDeliveryWorker({ connection, activities, taskQueue: 'failing', dataConverter: converter });
  await worker.runUntil(async () => {
    const handle = await start(input({ ttl: '1s', revocation: { grace: '1s', budget: '2s' } }), 'failing');
    await expect
      .poll(async () => JSON.stringify(await handle.fetchHistory()))
      .toContain('"activityTaskFailedEventAttributes":{');
    await handle.terminate();
  });
  await connection.close();
}

/** The bytes of the database, its journal and its write-ahead log. */
async function everythingIn(folder: string): Promise<Buffer> {
  const files = await readdir(folder);
  expect(files).toContain('temporal.db');
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(folder, file)))));
}

const foundIn = (database: Buffer) =>
  Object.fromEntries(
    Object.entries(MARKED).map(([name, text]) => [name, formsOf(text).some((form) => database.includes(form))]),
  );
const all = (found: boolean) => Object.fromEntries(Object.keys(MARKED).map((name) => [name, found]));

/**
 * The encodings of all payloads in a history. Leaves out search attributes, which Temporal must be able to read, and the
 * name and times that the SDK records for a local activity.
 */
function encodingsIn({ history }: Run): readonly string[] {
  const found = new Set<string>();
  JSON.stringify(history, (key, value: unknown) => {
    if (key === 'searchAttributes' || (key === 'data' && isObject(value))) return undefined;
    // JSON shows bytes as base64.
    const encoding = isObject(value) && isObject(value['metadata']) ? value['metadata']['encoding'] : undefined;
    if (typeof encoding === 'string') found.add(Buffer.from(encoding, 'base64').toString());
    return value;
  });
  return [...found];
}

const messageOf = ({ history }: Run) =>
  history.events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure?.message;

const replay = ({ history, workflowId }: Run, name: string, dataConverter?: DataConverter) =>
  Worker.runReplayHistory(
    { workflowBundle: { codePath: bundle(name) }, ...(dataConverter && { dataConverter }) },
    history,
    workflowId,
  );

describe("Temporal's database", { timeout: 180_000 }, () => {
  let clear: Left | undefined;
  let sealed: Left | undefined;
  afterAll(() => {
    clear = sealed = undefined;
  });

  test('without keys it holds every private value, which proves that the search finds them', async () => {
    clear = await marked(undefined, {});
    expect(foundIn(clear.database)).toEqual(all(true));
    expect(encodingsIn(clear.delivered)).toContain('json/plain');
    expect(messageOf(clear.failed)).toMatch(/recipient/);
  });

  test('with a key it holds no private value', async () => {
    sealed = await marked(encrypting, { PAYLOAD_ENCRYPTION_KEYS: `${keyText('current')},${keyText('old')}` });
    expect(foundIn(sealed.database)).toEqual(all(false));
    expect(encodingsIn(sealed.delivered)).toEqual(['binary/encrypted']);
    expect(messageOf(sealed.failed)).toBe('Encoded failure');
    // The database does hold these deliveries.
    expect(sealed.database.includes('encryption-key-id')).toBe(true);
    expect(sealed.database.includes('message-delivery:acme-agent:')).toBe(true);
    expect(sealed.database.includes('Encoded failure')).toBe(true);
  });

  test('histories from before and after the key replay with it, and encrypted ones do not replay without it', async () => {
    if (clear === undefined || sealed === undefined) throw new Error('the tests before have failed');
    for (const name of ['delivered', 'failed'] as const) {
      await replay(clear[name], 'workflow-bundle');
      await replay(clear[name], 'workflow-bundle-encrypting', encrypting);
      await replay(sealed[name], 'workflow-bundle-encrypting', encrypting);
      await expect(replay(sealed[name], 'workflow-bundle')).rejects.toThrow();
      const lost = createDataConverter({ keys: testKeys('lost') });
      await expect(replay(sealed[name], 'workflow-bundle-encrypting', lost)).rejects.toThrow();
    }
  });
});
