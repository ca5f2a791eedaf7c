import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunHistories } from '../../src/activities/run-histories.js';
import { createRunHistories } from '../../src/temporal/run-histories.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';

/** More than one page of a history or a list. */
const MANY = 300;

let temporal: SharedTemporal;
let native: NativeConnection;
let client: Client;
let histories: RunHistories;
beforeAll(async () => {
  quietTemporal();
  temporal = await sharedTemporal();
  native = await NativeConnection.connect({ address: temporal.address });
  // As in a worker, which has no other connection.
  client = new Client({ connection: native, namespace: temporal.namespace });
  histories = createRunHistories({ client });
});
afterAll(() => native.close());

/** A workflow that no worker runs. */
async function start() {
  const workflowId = `message-delivery:o'neill:${randomUUID()}`;
  const handle = await client.workflow.start('messageDelivery', { taskQueue: 'nobody', workflowId });
  return { handle, workflowId, runId: handle.firstExecutionRunId };
}

describe('over the connection of a worker', () => {
  test('reads a history of several pages, in order', async () => {
    const { handle, ...run } = await start();
    for (let n = 0; n < MANY; n += 1)
      await handle.signal('delivered', { eventId: String(n), sendTime: '2026-01-02T03:04:05Z' });

    const [started, ...signals] = await histories.read(run);

    expect(started).toMatchObject({ kind: 'started', originalRunId: run.runId, eventId: 1 });
    expect(signals.map((event) => event.kind === 'signal' && event.payload.eventId)).toEqual(
      Array.from({ length: MANY }, (_, n) => String(n)),
    );
    expect(new Set(signals.map(({ key }) => key)).size).toBe(MANY);
  });

  test('lists the runs of a workflow, also if its id has a quote', async () => {
    const { workflowId, runId } = await start();

    await expect.poll(() => histories.runIds(workflowId)).toEqual([runId]);
  });

  test('a run that does not exist is gone', async () => {
    const { workflowId } = await start();

    await expect(histories.read({ workflowId, runId: randomUUID() })).rejects.toMatchObject({ problem: 'gone' });
  });
});

test('a Temporal that does not answer is unavailable', async () => {
  // Not closed: a retry of the SDK after that would throw.
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const unreachable = createRunHistories({ client: new Client({ connection }), timeoutMs: 500 });
  const run = { workflowId: 'message-delivery:acme:1', runId: randomUUID() };

  await expect(unreachable.read(run)).rejects.toMatchObject({ problem: 'unavailable' });
  await expect(unreachable.runIds(run.workflowId)).rejects.toMatchObject({ problem: 'unavailable' });
});
