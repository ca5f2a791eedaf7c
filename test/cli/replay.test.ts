import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Client } from '@temporalio/client';
import type { DeliveryId } from '../../src/contract/ids.js';
import { createDataConverter, createDeliveryClient, workflowIdFor } from '../../src/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { keyText, testKeys } from '../encryption/test-keys.js';
import { WAIT } from '../support/wait.js';
import { runHere } from './in-process.js';
import { run } from './program.js';
import { message, setStage, type Stage } from './stage.js';

/** Most of these run the program as a process: it replays on the bundle in dist, and installs Temporal's Runtime. */
let stage: Stage;
let counted: (count: number) => Promise<void>;

beforeAll(async () => {
  stage = await setStage();
  counted = async (count) => {
    await vi.waitUntil(async () => (await stage.client.workflow.count()).count === count, WAIT);
  };
});
afterAll(() => stage.stop());

interface Printed {
  readonly matched: number;
  readonly replayed: number;
  readonly diverged: number;
  readonly divergences: readonly Readonly<Record<string, unknown>>[];
  readonly skipped: { readonly notBegun: number };
}
const printedBy = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as Printed;

test('a namespace without workflows is no error, and a note says that nothing was replayed', async () => {
  expect(await run(['replay'], stage.variables)).toEqual({
    code: 0,
    stdout: '0 histories:\n0 replayed\n',
    stderr: 'no workflow matches: there is nothing to replay\n',
  });
});

test('running and closed workflows of every type are replayed', async () => {
  const { deliveries } = stage;
  const running = await deliveries.start(message({ campaignId: 'waits' }));
  await expect.poll(async () => (await running.status()).phase).toBe('AWAITING_DELIVERY');
  const revoked = await deliveries.start(message());
  await revoked.cancel();
  await revoked.outcome();
  await deliveries.optOuts.add({ agentId: 'acme', recipient: '+15550100009' });
  const unbegun = createDeliveryClient({ client: stage.client, taskQueue: 'nobody' });
  await unbegun.start(message());
  await counted(4);
  // On a busy machine stderr shows progress.
  const { code, stdout } = await run(['replay'], stage.variables);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '4 histories:\n3 replayed\n1 skipped: no worker has begun the workflow\n',
  });
});

test('--query and --sample choose, and both values count', async () => {
  const one = await run(['replay', '--query', 'CampaignId="waits"', '--json'], stage.variables);
  expect(printedBy(one)).toMatchObject({ matched: 1, replayed: 1, diverged: 0, divergences: [], stopped: null });
  const two = printedBy(await run(['replay', '--sample', '2', '--json'], stage.variables));
  expect(two).toMatchObject({ matched: 4, diverged: 0 });
  expect(two.replayed + two.skipped.notBegun).toBe(2);
  const all = printedBy(await run(['replay', '--sample', 'all', '--json'], stage.variables));
  expect(all).toMatchObject({ matched: 4, replayed: 3 });
});

test.each([
  [['--query', 'Campaign = 1'], '--query: this namespace has no search attribute Campaign'],
  [['--query', 'CampaignId = '], 'Temporal does not understand --query'],
  [['--query', "x') OR (y"], '--query has a comment, or a parenthesis or a quote without its other half'],
  [['--query', ' '], '--query must not be empty'],
  [['--sample', '0'], 'a whole number from 1 to 100000, or all'],
])('%j is an error that says so', async (args, problem) => {
  const { code, stdout, stderr } = await runHere(['replay', ...args], stage.variables);
  expect(stderr).toContain(problem);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

describe('a history that this build cannot replay', () => {
  let other: DeliveryId;
  beforeAll(async () => {
    other = message();
    const connection = await NativeConnection.connect({ address: stage.address });
    const worker = await Worker.create({
      ...{ connection, namespace: stage.namespace, taskQueue: 'another-release' },
      workflowsPath: fileURLToPath(new URL('./other-workflows.ts', import.meta.url)),
      activities: { sendSms: () => Promise.resolve() },
    });
    const { namespace } = stage;
    const { count } = await stage.client.workflow.count();
    await worker.runUntil(
      new Client({ connection: stage.connection, namespace }).workflow.execute('messageDelivery', {
        taskQueue: 'another-release',
        workflowId: workflowIdFor(other),
        args: [other],
      }),
    );
    await connection.close();
    await counted(count + 1);
  });

  test('exits with 1 and says which, where, what differs, and what to do', async () => {
    const { code, stdout, stderr } = await run(['replay'], stage.variables);
    expect(code).toBe(1);
    const { runId } = await stage.client.workflow.getHandle(workflowIdFor(other)).describe();
    expect(stdout.split('\n')).toEqual([
      '5 histories:',
      '3 replayed',
      '1 skipped: no worker has begun the workflow',
      '1 diverged',
      '',
      workflowIdFor(other),
      `  run              ${runId}`,
      '  event            5',
      '  the history has  ActivityTaskScheduled (sendSms)',
      '  this build       does nothing of this kind here',
      '',
    ]);
    expect(stderr).toContain("rcs-delivery: 1 history does not replay on this build: don't deploy it\n");
    expect(stderr).toContain('What to do: docs/operations.md, Before a deploy\n');
    expect(stdout).not.toMatch(/482913|\+1555/);
  });

  test('has the same in its JSON', async () => {
    const result = await run(['replay', '--query', `WorkflowId="${workflowIdFor(other)}"`, '--json'], stage.variables);
    expect(result.code).toBe(1);
    expect(printedBy(result)).toMatchObject({ matched: 1, replayed: 0, diverged: 1 });
    expect(printedBy(result).divergences).toEqual([
      expect.objectContaining({
        workflowId: workflowIdFor(other),
        events: [5],
        history: 'ActivityTaskScheduled (sendSms)',
        build: 'does nothing of this kind here',
      }),
    ]);
  });
});

test('encrypted histories replay with the key, and without it the command says which variable is missing', async () => {
  const encrypted = await setStage();
  try {
    const { address, namespace, connection } = encrypted;
    const dataConverter = createDataConverter({ keys: testKeys('current') });
    const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
    const native = await NativeConnection.connect({ address });
    const where = { connection: native, namespace, taskQueue: 'encrypted', activities: fakeActivities, dataConverter };
    const codePath = fileURLToPath(new URL('../../dist/workflow-bundle-encrypting.js', import.meta.url));
    const worker = await createDeliveryWorker({ ...where, worker: { workflowBundle: { codePath } } });
    const delivery = createDeliveryClient({ client, taskQueue: 'encrypted' });
    await worker.runUntil(async () => {
      const { workflowId } = await delivery.start(message());
      await client.workflow.getHandle(workflowId).cancel();
      await client.workflow.getHandle(workflowId).result();
    });
    await native.close();
    await expect.poll(async () => (await client.workflow.count()).count).toBe(1);
    const withKeys = (...keys: string[]) =>
      run(['replay'], { ...encrypted.variables, PAYLOAD_ENCRYPTION_KEYS: keys.join(',') });
    expect(await withKeys(keyText('current'))).toMatchObject({ code: 0, stdout: '1 history:\n1 replayed\n' });
    const without = await run(['replay'], encrypted.variables);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('PAYLOAD_ENCRYPTION_KEYS') as string });
    const other = await withKeys(keyText('other'));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('the key "current"') as string });
    expect(other.stderr).toContain('PAYLOAD_ENCRYPTION_KEYS');
  } finally {
    await encrypted.stop();
  }
});
