import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { expect, test } from 'vitest';
import { workflowIdFor } from '../../src/contract/ids.js';
import { statusQuery } from '../../src/contract/messages.js';
import type { MessageDeliveryResult } from '../../src/contract/status.js';
import { fakeActivities } from '../client/fake-activities.js';
import { createTestWorker } from '../support/test-worker.js';
import { event, failure, inputWith } from './rig.js';
import { useTemporal } from '../support/use-temporal.js';

const temporal = useTemporal();

/** How long the local attempt to send takes, in milliseconds. */
const SENDING = 700;

/** Runs a delivery on a worker without a cache: every task begins with a replay, and the result is that of a replay. */
async function deliver({ before, during, refusal }: Meanwhile) {
  const taskQueue = `first-task-${randomUUID()}`;
  const calls: string[] = [];
  let begun: () => void;
  const sending = new Promise<void>((resolve) => (begun = resolve));
  let answeredTime = '';
  const activities = {
    ...fakeActivities,
    async sendRcs() {
      calls.push('sendRcs');
      begun();
      await delay(SENDING);
      answeredTime = new Date().toISOString();
      if (refusal !== undefined) throw failure(refusal, { mayBeQueued: false, answeredTime }, true);
      return { acceptedEarlier: false, answeredTime };
    },
    revokeRcs: () => Promise.resolve(void calls.push('revokeRcs')),
  };
  const { namespace, connection, native } = temporal();
  const options = { connection: native, namespace, taskQueue, activities, maxCachedWorkflows: 0 };
  const input = inputWith({ ttl: '61s', revocation: { grace: '0s' } });
  const { workflow } = new Client({ connection, namespace });
  const handle = await workflow.start('messageDelivery', {
    taskQueue,
    workflowId: workflowIdFor(input),
    args: [input],
  });
  await before?.(handle);
  const worker = await createTestWorker(options);
  const [result, status] = await worker.runUntil(async () => {
    if (during !== undefined) {
      await sending;
      await during(handle);
    }
    return [(await handle.result()) as MessageDeliveryResult, await handle.query(statusQuery)] as const;
  });
  const events = result.timeline.map((entry) => entry.event);
  const times = Object.fromEntries(result.timeline.map((entry) => [entry.event, entry.time]));
  return { result, status, calls, events, times, answeredTime, started: Date.parse(result.expireTime) - 61_000 };
}
interface Meanwhile {
  /** Before there is a worker. */
  readonly before?: (handle: WorkflowHandle) => Promise<unknown>;
  /** While the local attempt to send is under way. */
  readonly during?: (handle: WorkflowHandle) => Promise<unknown>;
  /** How the local attempt to send fails. */
  readonly refusal?: 'OptedOut' | 'RbmNotFound';
}

const isSending = async (handle: WorkflowHandle) => {
  const { timeline } = await handle.query(statusQuery);
  expect(timeline.map((entry) => entry.event)).toContain('sendStarted');
};

test('a query that meets the first workflow task moves no time on a replay', async () => {
  const { times, started, answeredTime } = await deliver({
    async during(handle) {
      await isSending(handle);
      await handle.signal('delivered', event());
    },
  });
  expect(times).toMatchObject({ sendStarted: new Date(started).toISOString(), sendAnswered: answeredTime });
});

const REVOKED = ['sendStarted', 'cancelRequested', 'revokeStarted', 'revokeAnswered'];

test.each<[string, NonNullable<Meanwhile['during']>]>([
  ['alone', (handle) => handle.cancel()],
  ['after a query', (handle) => isSending(handle).then(() => handle.cancel())],
  ['before a query', (handle) => handle.cancel().then(() => isSending(handle))],
])('cancelled while the first task sends, %s: revoked, and the same on a replay', async (_when, during) => {
  const { result, events } = await deliver({ during });
  expect(result.outcome).toBe('CANCELLED');
  // On a slow machine the first task is late as well.
  const others = ['sendAnswered', 'sendStopRequested', 'wokeLate'];
  expect(events.filter((name) => !others.includes(name))).toEqual(REVOKED);
});

test('cancelled before the first task: nothing is sent', async () => {
  const { result, calls } = await deliver({ before: (handle) => handle.cancel() });
  expect(result).toMatchObject({ outcome: 'CANCELLED' });
  expect(calls).toEqual([]);
});

/** The first task is this late: enough to see which time counts. Milliseconds. */
const LATE = 2_500;

test.each<[string, NonNullable<Meanwhile['before']>, Record<string, unknown>]>([
  ['delivered', (handle) => handle.signal('delivered', event()), { outcome: 'DELIVERED' }],
  ['cancelled', (handle) => handle.cancel(), { outcome: 'CANCELLED' }],
])('%s before a first task that is late: the times are those at which it was seen', async (_what, before, wanted) => {
  const { result, started, status } = await deliver({
    async before(handle) {
      await before(handle);
      await delay(LATE);
    },
  });
  expect(result).toMatchObject(wanted);
  for (const { time } of result.timeline) expect(Date.parse(time)).toBeGreaterThanOrEqual(started + LATE);
  expect(Date.parse(result.settledTime)).toBeGreaterThanOrEqual(started + LATE);
  // From a replay of its history.
  expect(status.timeline).toEqual(result.timeline);
});

test.each([
  ['OptedOut', 'optedOut', { source: 'rbm', sendTime: '2026-01-02T03:04:05Z' }, 'SUPPRESSED'],
  ['OptedOut', 'delivered', { ...event(), from: '+15550100002' }, 'SUPPRESSED'],
  ['RbmNotFound', 'delivered', { ...event(), from: '+15550100002' }, 'UNDELIVERABLE'],
] as const)(
  'a create that ends with %s meets the signal %s: its answer is kept',
  async (refusal, name, payload, outcome) => {
    const { result, calls } = await deliver({ refusal, during: (handle) => handle.signal(name, payload) });
    expect(result).toMatchObject({ outcome });
    expect(calls).toEqual(['sendRcs']);
  },
);

test('a first task that sends very late counts as an outage, since a worker may have crashed in it', async () => {
  const { events, times, started } = await deliver({
    before: () => delay(10_000),
    during: (handle) => handle.cancel(),
  });
  expect(events).toContain('wokeLate');
  expect(Date.parse(times['wokeLate'] ?? '')).toBeGreaterThanOrEqual(started + 10_000);
});
