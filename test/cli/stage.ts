import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createDeliveryClient, type DeliveryClient, type StartInput } from '../../src/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { sharedTemporal, type SharedTemporalOptions } from '../support/shared-temporal.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { quietTemporal } from '../support/quiet-temporal.js';

/** A key for tests only. */
const HASH_KEY = '3f1c8a4be2d90756a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718';

/** A real server, and a worker for which RBM accepts everything. */
export interface Stage {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  readonly connection: Connection;
  readonly deliveries: DeliveryClient;
  /** The environment that the program needs. */
  readonly variables: Readonly<Record<string, string>>;
  readonly startWorker: () => Promise<void>;
  readonly stopWorker: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function setStage(options: SharedTemporalOptions = {}): Promise<Stage> {
  quietTemporal();
  const { address, namespace, variables } = await sharedTemporal(options);
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const taskQueue = 'stage';
  let stopWorker = () => Promise.resolve();
  const startWorker = async () => {
    const native = await NativeConnection.connect({ address });
    const worker = await createDeliveryWorker({
      connection: native,
      namespace,
      taskQueue,
      activities: fakeActivities,
      worker: builtWorkflows,
    });
    const running = worker.run();
    stopWorker = async () => {
      worker.shutdown();
      await running;
      await native.close();
      stopWorker = () => Promise.resolve();
    };
  };
  await startWorker();
  return {
    address,
    namespace,
    client,
    connection,
    deliveries: createDeliveryClient({ client, taskQueue, searchAttributes: { recipientHashKey: HASH_KEY } }),
    variables: { ...variables, TASK_QUEUE: taskQueue, RECIPIENT_HASH_KEY: HASH_KEY },
    startWorker,
    stopWorker: () => stopWorker(),
    stop: async () => {
      await stopWorker();
      await connection.close();
    },
  };
}

export function message(changes: Partial<StartInput> = {}): StartInput {
  return {
    agentId: 'acme',
    messageId: randomUUID(),
    recipient: '+15550100001',
    contentMessage: { text: 'Your code is 482913' },
    ttl: '3600s',
    ...changes,
  };
}

/** Temporal's list lags behind a little. */
export async function untilListed({ deliveries }: Stage, campaignId: string, count: number): Promise<void> {
  for (const end = Date.now() + 20_000; (await deliveries.count({ campaignId, open: true })) !== count;) {
    if (Date.now() > end) throw new Error('not listed');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
