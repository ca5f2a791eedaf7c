import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { expect } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { createNotificationActivities } from '../../src/activities/notification-activities.js';
import { createDataConverter, createDeliveryClient, parseEncryptionKeys } from '../../src/index.js';
import type { DeliveryClient, DeliveryHandle } from '../../src/index.js';
import { createNotifier } from '../../src/notify/notifier.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { runHere } from '../cli/in-process.js';
import { message } from '../cli/stage.js';
import type { Ended } from '../cli/program.js';
import { fakeActivities } from '../client/fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { builtWorkflows, encryptingWorkflows } from '../support/workflow-bundle.js';
import { startReceiver } from './receiver.js';

const SECRET = `whsec_${Buffer.from('a secret of the tests only').toString('base64')}`;
const KEYS = `a:${Buffer.alloc(32, 7).toString('base64')}`;
const TASK_QUEUE = 'notified';

/** The receiver's answer to every call of a path. */
type Answer = number | { readonly status: number; readonly headers: Record<string, string> };

/** A real server, a worker for which RBM accepts everything, and a receiver that answers as a test tells it to. */
export interface NotificationStage {
  readonly address: string;
  readonly client: Client;
  readonly deliveries: DeliveryClient;
  /** Starts a delivery whose receiver answers so, and settles it. */
  readonly settled: (answer: Answer, given?: Parameters<typeof message>[0]) => Promise<Notified>;
  readonly rcs: (...args: readonly string[]) => Promise<Ended>;
  readonly stop: () => Promise<void>;
}

/** A delivery that has settled, and the workflow of its notification. */
interface Notified {
  readonly handle: DeliveryHandle;
  /** `acme:0b2f6d0e-…` */
  readonly shortId: string;
  readonly notification: string;
  /** The `webhook-id` of every call, in order. */
  readonly calls: () => readonly unknown[];
  readonly answer: (next: Answer) => void;
  /** Waits until the notification's workflow has this status. */
  readonly until: (executionStatus: string) => Promise<void>;
  /** Waits until Temporal's index has the notification in this status. */
  readonly untilListed: (executionStatus: string) => Promise<void>;
}

export async function setNotificationStage({ encrypted = false } = {}): Promise<NotificationStage> {
  quietTemporal();
  const cleanups = new Cleanups();
  const answers = new Map<string, Answer>();
  const receiver = cleanups.add(await startReceiver((path) => answers.get(path) ?? 200), (one) => one.stop());
  const { address, namespace, variables } = await sharedTemporal();
  const connection = cleanups.add(await Connection.connect({ address }), (one) => one.close());
  const native = cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
  const dataConverter = encrypted ? createDataConverter({ keys: parseEncryptionKeys(KEYS) }) : undefined;
  const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const notifier = createNotifier({ secrets: { [receiver.origin]: [SECRET] } });
  const worker = await createDeliveryWorker({
    ...{ connection: native, namespace, taskQueue: TASK_QUEUE, dataConverter },
    activities: { ...fakeActivities, ...createNotificationActivities({ notifier }) },
    worker: encrypted ? encryptingWorkflows : builtWorkflows,
  });
  const running = worker.run();
  cleanups.add(worker, async (one) => {
    one.shutdown();
    await running;
  });
  const deliveries = createDeliveryClient({ client, taskQueue: TASK_QUEUE });
  const environment = { ...variables, TASK_QUEUE, ...(encrypted && { PAYLOAD_ENCRYPTION_KEYS: KEYS }) };

  async function settled(answer: Answer, given: Parameters<typeof message>[0] = {}): Promise<Notified> {
    const path = `/${randomUUID()}`;
    answers.set(path, answer);
    const handle = await deliveries.start(message({ notify: { url: receiver.origin + path }, ...given }));
    const workflow = client.workflow.getHandle(handle.workflowId);
    await workflow.signal('delivered', { eventId: 'e', sendTime: '2026-01-02T03:04:05Z' });
    await handle.outcome();
    const shortId = `${handle.agentId}:${handle.messageId}`;
    const notification = `message-notification:${shortId}:1:DELIVERED`;
    const statusOf = async () => (await client.workflow.getHandle(notification).describe()).status.name;
    const listed = async () => {
      for await (const { status } of client.workflow.list({ query: `WorkflowId = '${notification}'` }))
        return status.name;
      return undefined;
    };
    return {
      ...{ handle, shortId, notification },
      calls: () => receiver.calls.filter((call) => call.path === path).map(({ headers }) => headers['webhook-id']),
      answer: (next) => answers.set(path, next),
      until: (status) => expect.poll(statusOf).toBe(status),
      untilListed: (status) => expect.poll(listed).toBe(status),
    };
  }

  return {
    ...{ address, client, deliveries, settled },
    rcs: (...args) => runHere(args, environment),
    stop: () => cleanups.run(),
  };
}
