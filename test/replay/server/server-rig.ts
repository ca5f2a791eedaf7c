import { createHash } from 'node:crypto';
import { Client, Connection, type WorkflowHandle, type WorkflowStartOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { startDevServer } from '../../../dev/temporal/dev-server.js';
import type { MessageDeliveryInput } from '../../../src/contract/input.js';
import { workflowIdFor } from '../../../src/contract/ids.js';
import { quietTemporal } from '../../support/quiet-temporal.js';
import { WAIT } from '../../support/wait.js';
import { inputWith, testDelivery, type TestDelivery } from '../../workflows/rig.js';
import { startKillableWorker, type KillableWorker } from './killable-worker.js';
import { startTestWorker, type TestWorkerOptions } from './test-worker.js';

/** Temporal's dev server, which writes what the time-skipping test server does not. Time is real here. */
export interface ServerRig {
  readonly client: Client;
  /** Where one path is played: its task queue and its workers are its own. */
  place(name: string): Place;
  stop(): Promise<void>;
}

export interface Place {
  readonly client: Client;
  readonly taskQueue: string;
  /** The same messageId each time, so that a new record differs little from the one before. */
  start(
    input?: Partial<MessageDeliveryInput>,
    options?: Pick<WorkflowStartOptions, 'typedSearchAttributes' | 'memo'>,
  ): Promise<TestDelivery>;
  /** Runs `use` while a worker runs. */
  withWorker<T>(options: Pick<TestWorkerOptions, 'activities' | 'onAnswer'>, use: () => Promise<T>): Promise<T>;
  /** A worker in a process of its own. */
  killableWorker(options?: { readonly hangsInCreate?: boolean }): Promise<KillableWorker>;
  /** Takes the next workflow task, as a worker does, and reports that it failed. */
  failTask(): Promise<void>;
  /** Resets the run as `temporal workflow reset` does. Returns the new one. */
  reset(workflowId: string, to: 'firstTask' | 'lastTask'): Promise<WorkflowHandle>;
}

export async function startServerRig(): Promise<ServerRig> {
  quietTemporal();
  const server = await startDevServer({ env: { ...process.env, TEMPORAL_ADDRESS: '' } });
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const client = new Client({ connection });
  return {
    client,
    place: (name) => createPlace(name, { client, native, address: server.address }),
    async stop() {
      await native.close();
      await connection.close();
      await server.stop();
    },
  };
}

interface Server {
  readonly client: Client;
  readonly native: NativeConnection;
  readonly address: string;
}

function createPlace(name: string, { client, native, address }: Server): Place {
  const taskQueue = `message-delivery-${name}`;
  const { workflowService: service } = client;
  const { namespace } = client.options;
  return {
    client,
    taskQueue,
    async start(given = {}, options = {}) {
      const input = inputWith({ messageId: messageIdOf(name), ...given });
      const started = { taskQueue, workflowId: workflowIdFor(input), args: [input], ...options };
      return testDelivery(await client.workflow.start('messageDelivery', started), []);
    },
    async withWorker(options, use) {
      const worker = await startTestWorker({ client, connection: native, taskQueue, ...options });
      try {
        return await use();
      } finally {
        await worker.stop();
      }
    },
    killableWorker: ({ hangsInCreate = false } = {}) => startKillableWorker({ address, taskQueue, hangsInCreate }),
    async failTask() {
      const { taskToken } = await client.withDeadline(Date.now() + WAIT, () =>
        service.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
      );
      await service.respondWorkflowTaskFailed({ namespace, taskToken, failure: { message: 'not this worker' } });
    },
    async reset(workflowId, to) {
      const workflowExecution = { workflowId };
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      const completed = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: task }) => Boolean(task));
      const { eventId: workflowTaskFinishEventId = null } = completed.at(to === 'firstTask' ? 0 : -1) ?? {};
      const request = { namespace, workflowExecution, workflowTaskFinishEventId, reason: 'a test', requestId: name };
      await service.resetWorkflowExecution(request);
      return client.workflow.getHandle(workflowId);
    },
  };
}

function messageIdOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
