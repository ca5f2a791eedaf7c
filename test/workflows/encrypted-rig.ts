import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, METADATA_ENCODING_KEY, type Payload } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { expect } from 'vitest';
import { workflowIdFor } from '../../src/contract/ids.js';
import { statusQuery } from '../../src/contract/messages.js';
import { createDataConverter, forWorkflows } from '../../src/encryption/data-converter.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { testKeys } from '../encryption/test-keys.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { createReplayer } from '../support/replayer.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { WAIT } from '../support/wait.js';
import { builtWorkflows, encryptingWorkflows } from '../support/workflow-bundle.js';
import { inputWith } from './rig.js';

export interface WorkerKind {
  readonly keys?: readonly string[];
  readonly encryptionRequired?: boolean;
  readonly activities?: Partial<typeof fakeActivities>;
}

export type EncryptedRig = Awaited<ReturnType<typeof startEncryptedRig>>;

const converterOf = (keys: readonly string[] = []) => createDataConverter({ keys: testKeys(...keys) });

/** Clients and workers that differ in their keys, on Temporal's dev server. */
export async function startEncryptedRig() {
  quietTemporal();
  const { address, namespace } = await sharedTemporal();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });

  function clientWith(...keys: readonly string[]): Client {
    const dataConverter = keys.length === 0 ? undefined : converterOf(keys);
    return new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  }

  /** Runs `use` while a worker of this kind runs. */
  async function onQueue<T>(
    taskQueue: string,
    { keys = [], encryptionRequired, activities }: WorkerKind,
    use: () => Promise<T>,
  ): Promise<T> {
    const worker = await createDeliveryWorker({
      ...{ connection: native, namespace, taskQueue, encryptionRequired },
      activities: { ...fakeActivities, ...activities },
      dataConverter: keys.length === 0 ? undefined : converterOf(keys),
      worker: keys.length === 0 ? builtWorkflows : encryptingWorkflows,
    });
    return worker.runUntil(use);
  }

  /** A delivery on a task queue of its own, which the workers of one test serve one after another. */
  function place(starter: Client, given: Parameters<typeof inputWith>[0] = {}) {
    const taskQueue = `set-aside-${randomUUID()}`;
    const input = inputWith({ revocation: { grace: '1s' }, ...given });
    const workflowId = workflowIdFor(input);
    return {
      workflowId,
      start: () => starter.workflow.start('messageDelivery', { taskQueue, workflowId, args: [input] }),
      withWorker: <T>(kind: WorkerKind, use: () => Promise<T>): Promise<T> => onQueue(taskQueue, kind, use),
    };
  }

  /** Sends a signal as any program can that may write to the namespace. */
  async function signalRaw({ workflowId }: { readonly workflowId: string }, payload: Payload, name = 'delivered') {
    await connection.workflowService.signalWorkflowExecution({
      ...{ namespace, workflowExecution: { workflowId }, signalName: name },
      input: { payloads: [payload] },
      requestId: randomUUID(),
    });
  }

  const stop = async () => {
    await native.close();
    await connection.close();
  };
  return { connection, namespace, clientWith, onQueue, place, signalRaw, stop };
}

export const bytes = (text: string) => Buffer.from(text);

/** A payload that says it is encrypted. */
export const claimed = (data: Uint8Array, keyId?: string): Payload => ({
  metadata: {
    [METADATA_ENCODING_KEY]: bytes('binary/encrypted'),
    ...(keyId !== undefined && { 'encryption-key-id': bytes(keyId) }),
  },
  data,
});

export async function sealedBy(keyId: string, value: unknown): Promise<Payload> {
  const [payload] = await createPayloadCodec({ keys: testKeys(keyId) }).encode([
    defaultPayloadConverter.toPayload(value),
  ]);
  if (payload === undefined) throw new Error('nothing was encoded');
  return payload;
}

export const phaseOf = async (handle: WorkflowHandle) => (await handle.query(statusQuery)).phase;
export const awaited = (handle: WorkflowHandle, phase = 'AWAITING_DELIVERY') =>
  expect.poll(() => phaseOf(handle), { timeout: WAIT }).toBe(phase);

export async function eventsOf(handle: WorkflowHandle, kind: string): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((one) => (one as Record<string, unknown>)[`${kind}EventAttributes`] != null).length;
}

/** WorkflowTaskFailedCause: something came while a task ended the workflow. That is harmless, and common if it is slow. */
const UNHANDLED_COMMAND = 1;

/** Why workflow tasks failed, in Temporal's words, but for those that were only late. */
export async function failedTasksOf(handle: WorkflowHandle): Promise<readonly string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed && Number(failed.cause) !== UNHANDLED_COMMAND
      ? [`${String(failed.cause)} ${failed.failure?.message ?? ''}`]
      : [],
  );
}

/** Resolves once the worker has answered the task that a signal caused. */
export const answered = (handle: WorkflowHandle, tasks: number) =>
  expect.poll(() => eventsOf(handle, 'workflowTaskCompleted'), { timeout: WAIT }).toBeGreaterThanOrEqual(tasks);

export const expectReplays = (handle: WorkflowHandle, ...keys: readonly string[]) => expectReplaysOn({ keys }, handle);

/** Replays the history as a worker of this kind does. */
export async function expectReplaysOn({ keys = [], encryptionRequired }: WorkerKind, handle: WorkflowHandle) {
  const dataConverter = forWorkflows(keys.length === 0 ? undefined : converterOf(keys), { encryptionRequired });
  const code = keys.length === 0 ? builtWorkflows : encryptingWorkflows;
  const replayer = createReplayer({ ...code, ...(dataConverter && { dataConverter }) });
  try {
    await replayer.replay(await handle.fetchHistory());
  } finally {
    await replayer.close();
  }
}
