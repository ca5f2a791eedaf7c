import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageActivities } from '../../src/activities/message-activities.js';
import type { NotificationActivities } from '../../src/activities/notification-activities.js';
import { createDeliveryClient } from '../../src/client/delivery-client.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import type { DeliveryWorker } from '../../src/worker/delivery-worker.js';
import { createTestWorker } from '../support/test-worker.js';
import { event, failure, inputWith } from './rig.js';
import { quietTemporal } from '../support/quiet-temporal.js';

/** Each path on the real server: what a delivery does, and the signal it gets. */
interface Path {
  readonly input?: Partial<MessageDeliveryInput>;
  readonly activities?: (attempt: (name: string) => number) => Partial<MessageActivities>;
  /** The signal that it gets once this many timers were started and this many activities have ended. */
  readonly signal?: { readonly name: string; readonly timers: number; readonly activities: number };
}

const sms = { fallback: { sms: { text: 'x' } } };

const PATHS: Record<string, Path> = {
  delivered: { input: { ttl: '60s' }, signal: { name: 'delivered', timers: 1, activities: 0 } },
  'delivered, as a promotion': {
    input: { ttl: '60s', messageTrafficType: 'PROMOTION' },
    signal: { name: 'delivered', timers: 1, activities: 1 },
  },
  'delivered, as a promotion of a day': {
    input: { ttl: '86400s', messageTrafficType: 'PROMOTION' },
    signal: { name: 'delivered', timers: 1, activities: 1 },
  },
  'delivered, with a notification': {
    input: { ttl: '60s', notify: { url: 'https://hooks.example.com/' } },
    signal: { name: 'delivered', timers: 1, activities: 0 },
  },
  'delivered, with a notification of each phase': {
    input: { ttl: '60s', notify: { url: 'https://hooks.example.com/', phases: true } },
    signal: { name: 'delivered', timers: 1, activities: 0 },
  },
  'revoked, no fallback': {},
  'DELIVERED inside the grace': {
    input: { revocation: { grace: '40s', budget: '50s' } },
    signal: { name: 'delivered', timers: 2, activities: 1 },
  },
  'offline, SMS and its receipt': { input: sms, signal: { name: 'smsStatus', timers: 3, activities: 2 } },
  'create 404, SMS and its receipt': {
    input: sms,
    activities: () => ({ sendRcs: () => Promise.reject(failure('RbmNotFound', { mayBeQueued: false }, true)) }),
    signal: { name: 'smsStatus', timers: 1, activities: 1 },
  },
  'DELETE 404, DELIVERED follows': {
    input: { revocation: { grace: '40s', budget: '50s' } },
    activities: () => ({ revokeRcs: () => Promise.reject(failure('RbmNotFound')) }),
    signal: { name: 'delivered', timers: 2, activities: 1 },
  },
  'one failed DELETE, then revoked': {
    activities: (attempt) => ({
      revokeRcs: () => (attempt('revoke') === 1 ? Promise.reject(failure('RbmUnavailable')) : Promise.resolve()),
    }),
  },
  'create answered 503 once, then delivered': {
    input: { ttl: '60s' },
    activities: (attempt) => ({
      sendRcs: () =>
        attempt('send') === 1
          ? Promise.reject(failure('RbmUnavailable', { mayBeQueued: true }))
          : Promise.resolve({ acceptedEarlier: false }),
    }),
    signal: { name: 'delivered', timers: 1, activities: 1 },
  },
};

const taskQueue = `cost-${randomUUID()}`;
const scripts = new Map<string, Partial<MessageActivities>>();
const idIn = (reference: string) => reference.split(':').at(-1) ?? '';
const activities: MessageActivities & NotificationActivities = {
  notify: () => Promise.resolve(),
  sendRcs: async (i) => (await scripts.get(i.messageId)?.sendRcs?.(i)) ?? { acceptedEarlier: false },
  revokeRcs: async (i) => scripts.get(i.messageId)?.revokeRcs?.(i),
  sendSms: () => Promise.resolve({ provider: 'test', providerMessageId: '1' }),
  reconcileSms: (i) => Promise.reject(new Error(idIn(i.reference))),
  measureOutage: () => Promise.resolve({ outageMs: 0 }),
  lookBack: () => Promise.resolve({ facts: [], notifications: 0 }),
};

let native: NativeConnection;
let connection: Connection;
let client: Client;
let worker: DeliveryWorker;
let running: Promise<void>;

beforeAll(async () => {
  quietTemporal();
  const { address, namespace } = await sharedTemporal();
  native = await NativeConnection.connect({ address });
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  worker = await createTestWorker({ connection: native, namespace, taskQueue, activities });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await Promise.all([native.close(), connection.close()]);
});

async function play({ input, activities: script, signal }: Path): Promise<WorkflowHandle> {
  // Long enough that no timer is due while a slow machine's worker has a task.
  const message = inputWith({ ttl: '12s', revocation: { grace: '6s', budget: '60s' }, ...input });
  const attempts: Record<string, number> = {};
  scripts.set(message.messageId, script?.((name) => (attempts[name] = (attempts[name] ?? 0) + 1)) ?? {});
  // As a backend starts it, with every search attribute.
  const deliveries = createDeliveryClient({ client, taskQueue, searchAttributes: { recipientHashKey: 'a key' } });
  const { workflowId } = await deliveries.start(message);
  const handle = client.workflow.getHandle(workflowId);
  if (signal !== undefined) {
    // By its history alone: a query that meets the first workflow task costs one more.
    while (!isReady((await handle.fetchHistory()).events ?? [], signal)) await delay(50);
    await handle.signal(signal.name, signal.name === 'smsStatus' ? { ...event(), status: 'DELIVERED' } : event());
  }
  await handle.result();
  return handle;
}

type HistoryEvents = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

const count = (events: HistoryEvents, attribute: keyof HistoryEvents[number]) =>
  events.filter((item) => item[attribute] != null).length;

function isReady(events: HistoryEvents, { timers, activities: ended }: NonNullable<Path['signal']>): boolean {
  const over =
    count(events, 'activityTaskCompletedEventAttributes') + count(events, 'activityTaskFailedEventAttributes');
  // A signal that meets a workflow task under way would save one.
  const isIdle =
    count(events, 'workflowTaskScheduledEventAttributes') === count(events, 'workflowTaskCompletedEventAttributes');
  const children =
    count(events, 'startChildWorkflowExecutionInitiatedEventAttributes') -
    count(events, 'childWorkflowExecutionCompletedEventAttributes');
  return count(events, 'timerStartedEventAttributes') >= timers && over >= ended && isIdle && children === 0;
}

async function costOf(handle: WorkflowHandle): Promise<string> {
  const events = (await handle.fetchHistory()).events ?? [];
  const actions =
    1 +
    count(events, 'markerRecordedEventAttributes') +
    count(events, 'activityTaskScheduledEventAttributes') +
    2 * count(events, 'startChildWorkflowExecutionInitiatedEventAttributes') +
    count(events, 'upsertWorkflowSearchAttributesEventAttributes') +
    count(events, 'timerStartedEventAttributes') +
    count(events, 'workflowExecutionSignaledEventAttributes');
  return [events.length, count(events, 'workflowTaskCompletedEventAttributes'), actions].join(' | ');
}

/** title → `events | workflow tasks | actions`, as documented. */
async function documentedCosts(): Promise<Map<string, string>> {
  const rows = (await readFile('docs/costs.md', 'utf8'))
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(rows.map(([, title = '', ...cells]) => [title, cells.slice(0, 3).join(' | ')]));
}

describe('docs/costs.md', () => {
  test.concurrent.each(Object.entries(PATHS))('%s', async (title, path) => {
    expect(await costOf(await play(path))).toBe((await documentedCosts()).get(title));
  });
});
