import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import { isAlive } from '../../dev/temporal/file-lock.js';
import { MIN_RETENTION_DAYS } from '../../src/contract/retention.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { retentionDays } from '../../src/temporal/namespace-retention.js';
import { temporaryFolder } from './temporal-fakes.js';
import type { trivial } from './temporal-trivial-workflow.js';

const workflowsPath = fileURLToPath(new URL('./temporal-trivial-workflow.ts', import.meta.url));
/** These tests need a server that they start themselves, not one that is already running. */
const env = { ...process.env, TEMPORAL_ADDRESS: '' };

let workflowBundle: WorkflowBundle;
let server: DevServer;
let connection: Connection;

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  server = await startDevServer({ env, ui: true });
  connection = await Connection.connect({ address: server.address });
}, 600_000);

afterAll(async () => {
  await connection.close();
  await server.stop();
});

interface Run {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly duration: string;
}

async function runTrivial({ connection: nativeConnection, client, duration }: Run): Promise<string> {
  const taskQueue = `trivial-${randomUUID()}`;
  const worker = await Worker.create({ connection: nativeConnection, taskQueue, workflowBundle });
  const start = { taskQueue, workflowId: taskQueue, args: [duration] as [string] };
  return worker.runUntil(() => client.workflow.execute<typeof trivial>('trivial', start));
}

test('the dev server keeps closed workflows as long as deliveries need', async () => {
  expect(await retentionDays({ connection, namespace: 'default' })).toBe(MIN_RETENTION_DAYS);
});

test('a workflow runs on the dev server', async () => {
  const native = await NativeConnection.connect({ address: server.address });
  try {
    const result = await runTrivial({ connection: native, client: new Client({ connection }), duration: '10ms' });
    expect(result).toBe('slept 10ms');
  } finally {
    await native.close();
  }
});

test('a workflow of fifteen days completes at once on the time-skipping server', async () => {
  const environment = await startTimeSkipping();
  try {
    const run = { connection: environment.nativeConnection, client: environment.client, duration: '15 days' };
    expect(await runTrivial(run)).toBe('slept 15 days');
  } finally {
    await environment.teardown();
  }
}, 120_000);

/** temporal.api.enums.v1.IndexedValueType */
const WIRE_TYPES = { KEYWORD: '2', BOOL: '5', DATETIME: '6' };

test("the contract's search attributes are registered, each under its type", async () => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });

  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    expect(SearchAttributeType[type]).toBe(type);
    expect(String(customAttributes[name]), name).toBe(WIRE_TYPES[type]);
  }
});

test('the Web UI answers', async () => {
  expect((await fetch(String(server.uiUrl))).status).toBe(200);
});

test('with TEMPORAL_ADDRESS the running server is used, and stop() leaves it running', async () => {
  const running = await startDevServer({ env: { ...env, TEMPORAL_ADDRESS: server.address } });
  await running.stop();

  expect(running).toMatchObject({ address: server.address, namespace: 'default' });
  expect(running.source).toBe(`the Temporal server at ${server.address} (TEMPORAL_ADDRESS), namespace default`);
  expect(running.pid).toBeUndefined();
  expect(isAlive(Number(server.pid))).toBe(true);
});

test('a running server is refused if it lacks the namespace or a search attribute', async () => {
  const atServer = { ...env, TEMPORAL_ADDRESS: server.address };

  const elsewhere = { ...atServer, TEMPORAL_NAMESPACE: 'elsewhere' };
  await expect(startDevServer({ env: elsewhere })).rejects.toThrow(
    /can't be used with namespace elsewhere: .*elsewhere/,
  );

  const searchAttributes = { ...SEARCH_ATTRIBUTES, Mood: 'KEYWORD_LIST' } as const;
  await expect(startDevServer({ env: atServer, searchAttributes })).rejects.toThrow(
    'temporal operator search-attribute create --namespace default --name Mood --type KeywordList',
  );
});

test('a server with a file keeps its workflows, and stop() returns when the server has exited', async () => {
  const dbFilename = join(await temporaryFolder(), 'temporal.db');
  const first = await startDevServer({ env, dbFilename });
  await withClient(first, (client) =>
    client.workflow.start('trivial', { taskQueue: 'q', workflowId: 'w', args: ['1s'] }),
  );
  await first.stop();
  await first.stop();

  expect(isAlive(Number(first.pid))).toBe(false);
  const second = await startDevServer({ env, dbFilename });
  const { type } = await withClient(second, (client) => client.workflow.getHandle('w').describe());
  await second.stop();

  expect(type).toBe('trivial');
  expect(await accepts(second.address)).toBe(false);
});

async function withClient<T>({ address }: DevServer, use: (client: Client) => Promise<T>): Promise<T> {
  const own = await Connection.connect({ address });
  try {
    return await use(new Client({ connection: own }));
  } finally {
    await own.close();
  }
}

async function accepts(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}
