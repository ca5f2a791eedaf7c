import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import { statusQuery } from '../../src/contract/messages.js';
import type { MessageDeliveryResult } from '../../src/contract/status.js';
import { event, inputWith } from './rig.js';

let server: DevServer;
let native: NativeConnection;
let connection: Connection;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  server = await startDevServer();
  native = await NativeConnection.connect({ address: server.address });
  connection = await Connection.connect({ address: server.address });
});
afterAll(async () => {
  await Promise.all([native.close(), connection.close()]);
  await server.stop();
});

/** How long the local attempt to send takes, in milliseconds. */
const SENDING = 1_500;

test('a query that meets the first workflow task moves no time on a replay', async () => {
  const taskQueue = `first-task-${randomUUID()}`;
  let answeredTime = '';
  const activities = {
    async sendRcs() {
      await delay(SENDING);
      answeredTime = new Date().toISOString();
      return { acceptedEarlier: false, answeredTime };
    },
    revokeRcs: () => Promise.resolve(),
  };
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  // Without a cache every task begins with a replay, and the last one's result is that of a replay.
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath,
    activities,
    maxCachedWorkflows: 0,
  });
  const { workflow } = new Client({ connection });
  const input = inputWith({ ttl: '61s' });
  const result = await worker.runUntil(async () => {
    const handle = await workflow.start('messageDelivery', {
      taskQueue,
      workflowId: workflowIdFor(input),
      args: [input],
    });
    await delay(SENDING / 3);
    const { timeline } = await handle.query(statusQuery);
    expect(timeline.map((entry) => entry.event)).toContain('sendStarted');
    await handle.signal('delivered', event());
    return (await handle.result()) as MessageDeliveryResult;
  });

  const started = Date.parse(result.expireTime) - 61_000;
  const times = Object.fromEntries(result.timeline.map((entry) => [entry.event, entry.time]));
  expect(times).toMatchObject({ sendStarted: new Date(started).toISOString(), sendAnswered: answeredTime });
});
