import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailureType } from '../../src/contract/failures.js';
import { createDataConverter, createDeliveryClient, type DeliveryStatus } from '../../src/index.js';
import type { PendingRequest } from '../../src/temporal/pending-requests.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { keyText, testKeys } from '../encryption/test-keys.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { encryptingWorkflows } from '../support/workflow-bundle.js';
import { runHere } from './in-process.js';
import { message } from './stage.js';

/** RBM answers 503 to every create. Failures and payloads are encrypted. */
const unavailable = () =>
  Promise.reject(
    ApplicationFailure.create({
      ...{ type: FailureType.RbmUnavailable, message: 'marked', nextRetryDelay: '10m' },
      details: [{ httpStatus: 503, code: 'UNAVAILABLE', mayBeQueued: true }],
    }),
  );

let variables: Readonly<Record<string, string>>;
let workflowId: string;
let stop: () => Promise<void>;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  quietTemporal();
  const temporal = await sharedTemporal({});
  const { address, namespace } = temporal;
  const dataConverter = createDataConverter({ keys: testKeys('current') });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const native = await NativeConnection.connect({ address });
  const worker = await createDeliveryWorker({
    ...{ connection: native, namespace, taskQueue: 'pending', activities: { ...fakeActivities, sendRcs: unavailable } },
    ...(dataConverter && { dataConverter }),
    worker: encryptingWorkflows,
  });
  const running = worker.run();
  stopWorker = async () => {
    worker.shutdown();
    await running;
    await native.close();
  };
  stop = () => connection.close();
  variables = { ...temporal.variables, TASK_QUEUE: 'pending', PAYLOAD_ENCRYPTION_KEYS: keyText('current') };
  const deliveries = createDeliveryClient({ client, taskQueue: 'pending' });
  ({ workflowId } = await deliveries.start(message({ acceptanceTimeout: '3000s', campaignId: 'spring' })));
});
afterAll(() => stop());

type Printed = DeliveryStatus & { readonly pending: readonly PendingRequest[] };
const failed = { type: 'RbmUnavailable', httpStatus: 503, code: 'UNAVAILABLE' };
const status = (...args: string[]) => runHere(['status', workflowId, ...args], variables);
const pendingIn = (stdout: string) => (JSON.parse(stdout) as Printed).pending;

test('status shows the requests under way, with the last answer, also an encrypted one, and the next attempt', async () => {
  const attempts = async () => pendingIn((await status('--json')).stdout)[0]?.attempt;
  await expect.poll(attempts).toBe(2);
  const json = await status('--json');
  expect(json).toMatchObject({ code: 0, stderr: '' });
  expect(pendingIn(json.stdout)).toEqual([
    {
      ...{ activity: 'sendRcs', state: 'waiting', attempt: 2, lastFailure: failed },
      dueTime: expect.stringMatching(/Z$/) as string,
      lastTime: expect.stringMatching(/Z$/) as string,
      worker: expect.any(String) as string,
    },
  ]);
  const { stdout } = await status();
  expect(stdout).toMatch(
    /^trying {5}create at RBM: attempt 2 at \S+Z \(in \d+m \d+s\)\. Last answer: 503 UNAVAILABLE$/m,
  );
  expect(stdout).toMatch(/^campaign {3}spring$/m);
  expect(stdout).not.toContain('marked');
});

test('without a worker, it shows what waits for one', { timeout: 60_000 }, async () => {
  await stopWorker();
  const { code, stdout } = await status('--json');
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({
    executionStatus: 'RUNNING',
    pending: [{ activity: 'sendRcs', attempt: 2 }],
  });
});
