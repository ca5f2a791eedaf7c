import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import type { OptOutActivities } from '../../src/activities/opt-out-activities.js';
import {
  OPT_OUT_WORKFLOW_TYPE,
  optInSignal,
  optOutSignal,
  optOutStatusQuery,
  optOutWorkflowIdFor,
  renewSignal,
  type OptOutEntry,
  type OptOutInput,
  type OptOutStatus,
} from '../../src/contract/opt-out.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { quietTemporal } from '../support/quiet-temporal.js';

type Sweep = Parameters<OptOutActivities['revokePromotions']>[0];
type Answer = (sweep: Sweep) => ReturnType<OptOutActivities['revokePromotions']>;

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
const taskQueue = `opt-out-${randomUUID()}`;
/** What each opt-out's sweeps asked for, and when, by its first hash. */
const sweeps = new Map<string, (Sweep & { readonly at: number })[]>();
const answers = new Map<string, Answer>();

beforeAll(async () => {
  quietTemporal();
  env = await startTimeSkipping();
  const activities: OptOutActivities = {
    async revokePromotions(sweep) {
      const [key = ''] = sweep.recipientHashes;
      sweeps.set(key, [...(sweeps.get(key) ?? []), { ...sweep, at: await env.currentTimeMs() }]);
      return (await answers.get(key)?.(sweep)) ?? { signalled: [], more: false };
    },
  };
  worker = await Worker.create({ connection: env.nativeConnection, taskQueue, ...builtWorkflows, activities });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await env.teardown();
});

const entry = (changes: Partial<OptOutEntry> = {}): OptOutEntry => ({
  source: 'rbm',
  sendTime: '2026-01-02T03:04:05Z',
  eventId: 'event-1',
  ...changes,
});
const LATER = '2026-01-02T03:04:06Z';

interface TestOptOut {
  readonly handle: WorkflowHandle;
  readonly input: OptOutInput;
  readonly sweeps: () => readonly (Sweep & { readonly at: number })[];
  readonly status: () => Promise<OptOutStatus>;
}

async function optOut(
  given: unknown = entry(),
  options: { answer?: Answer; agentIds?: string[] } = {},
): Promise<TestOptOut> {
  const recipientHash = randomUUID().replaceAll('-', '');
  if (options.answer !== undefined) answers.set(recipientHash, options.answer);
  const input = { recipientHashes: [recipientHash, 'f'.repeat(32)], agentIds: options.agentIds ?? ['acme'] };
  const handle = await env.client.workflow.signalWithStart(OPT_OUT_WORKFLOW_TYPE, {
    workflowId: optOutWorkflowIdFor({ scope: 'acme', recipientHash }),
    taskQueue,
    args: [input],
    memo: { optOut: { source: 'rbm', since: '2026-01-02T03:04:05Z' } },
    signal: optOutSignal,
    signalArgs: [given as OptOutEntry],
  });
  return {
    handle,
    input,
    sweeps: () => sweeps.get(recipientHash) ?? [],
    status: () => handle.query(optOutStatusQuery),
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds());) {
    if (Date.now() > end) throw new Error('never came about');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('runs until the person opts in, and its result says what was said', async () => {
  const { handle, status } = await optOut();
  expect(await status()).toEqual({
    since: '2026-01-02T03:04:05.000Z',
    until: null,
    entries: [{ said: 'optOut', ...entry() }],
  });
  await handle.signal(optInSignal, entry({ source: 'operator', sendTime: LATER }));
  expect(await handle.result()).toEqual({
    since: '2026-01-02T03:04:05.000Z',
    until: '2026-01-02T03:04:06.000Z',
    entries: [
      { said: 'optOut', ...entry() },
      { said: 'optIn', ...entry({ source: 'operator', sendTime: LATER }) },
    ],
  });
});

test('null counts as absent', async () => {
  const { handle } = await optOut({ ...entry(), eventId: null, note: null });
  await handle.signal(optInSignal, { source: 'operator', sendTime: LATER, eventId: null } as unknown as OptOutEntry);
  const { until: end, entries } = (await handle.result()) as OptOutStatus;
  expect(end).toBe('2026-01-02T03:04:06.000Z');
  expect(entries.map((one) => one.eventId)).toEqual([undefined, undefined]);
});

test('an old opt-in, a repetition and bad payloads do not end it, and do not fail it', async () => {
  const { handle, status } = await optOut();
  await handle.signal(optInSignal, entry({ sendTime: '2026-01-02T03:04:04Z', eventId: 'old' }));
  await handle.signal(optOutSignal, entry());
  const bad = [
    undefined,
    null,
    'STOP',
    {},
    entry({ source: '' }),
    entry({ sendTime: 'yesterday' }),
    { sendTime: LATER },
  ];
  for (const payload of bad) {
    await handle.signal(optInSignal, payload as OptOutEntry);
    await handle.signal(optOutSignal, payload as OptOutEntry);
  }
  const { entries, until: end } = await status();
  expect(end).toBeNull();
  expect(entries.map(({ said, eventId }) => [said, eventId])).toEqual([
    ['optOut', 'event-1'],
    ['optIn', 'old'],
  ]);
  expect((await handle.describe()).status.name).toBe('RUNNING');
});

test('a bad opt-out that starts it still counts', async () => {
  const { handle, status } = await optOut('STOP');
  expect(await status()).toMatchObject({ until: null, entries: [] });
  expect((await handle.describe()).status.name).toBe('RUNNING');
});

test('a request to cancel it has no effect', async () => {
  const { handle, status } = await optOut();
  await handle.cancel();
  // The test server stops skipping time for good if a signal meets the workflow task that ends a workflow.
  expect(await status()).toMatchObject({ until: null });
  await handle.signal(optInSignal, entry({ sendTime: LATER }));
  expect(await handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});

test('looks for deliveries in flight at once, after 5 s, 30 s and 5 min, and leaves out those it has signalled', async () => {
  const answer: Answer = ({ except }) =>
    Promise.resolve({ signalled: [`delivery-${String(except.length)}`], more: false });
  const { input, ...one } = await optOut(entry(), { answer });
  await until(() => one.sweeps().length === 1);
  await env.sleep(310_000);
  await until(() => one.sweeps().length === 4);
  await env.sleep(3_600_000);
  const [first, ...rest] = one.sweeps();
  expect(first).toMatchObject({ ...input, except: [], source: 'rbm', sendTime: '2026-01-02T03:04:05Z' });
  const offsets = rest.map(({ at }) => Math.round((at - (first?.at ?? 0)) / 1_000));
  expect(offsets).toEqual([5, 30, 300]);
  expect(rest.map(({ except }) => except.length)).toEqual([1, 2, 3]);
});

test('goes on at once while there are more', async () => {
  const answer: Answer = ({ except }) =>
    Promise.resolve({ signalled: [String(except.length)], more: except.length < 3 });
  const one = await optOut(entry(), { answer });
  await until(() => one.sweeps().length === 4);
  expect(one.sweeps().map(({ except }) => except)).toEqual([[], ['0'], ['0', '1'], ['0', '1', '2']]);
});

test('another opt-out starts the sweeps again, a repetition does not', async () => {
  const one = await optOut();
  await env.sleep(310_000);
  await until(() => one.sweeps().length === 4);
  await one.handle.signal(optOutSignal, entry());
  await one.handle.signal(optOutSignal, entry({ source: 'keyword STOP', eventId: 'event-2' }));
  await until(() => one.sweeps().length === 5);
  expect(one.sweeps().at(-1)).toMatchObject({ source: 'keyword STOP' });
  await env.sleep(310_000);
  await until(() => one.sweeps().length === 8);
});

test('another opt-out adds the agents that have joined the brand', async () => {
  const one = await optOut(entry(), { agentIds: [] });
  await one.handle.signal(optOutSignal, entry({ eventId: 'event-2' }), {
    ...one.input,
    agentIds: ['acme', 'acme-shop'],
  });
  await until(() => one.sweeps().length > 0);
  expect(one.sweeps().at(-1)).toMatchObject({ ...one.input, agentIds: ['acme', 'acme-shop'] });
});

test('an opt-in ends it even while a sweep can not be made', async () => {
  const one = await optOut(entry(), { answer: () => Promise.reject(new Error('no index')) });
  await until(() => one.sweeps().length > 0);
  await one.handle.signal(optInSignal, entry({ sendTime: LATER }));
  expect(await one.handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});

test('an opt-out from SMS alone looks for none', async () => {
  const one = await optOut(entry(), { agentIds: [] });
  await env.sleep(310_000);
  expect(await one.status()).toMatchObject({ until: null });
  expect(one.sweeps()).toEqual([]);
});

test('continues as new under many signals, and forgets nothing of it', async () => {
  const one = await optOut();
  const first = (await one.handle.describe()).runId;
  const storm = Array.from({ length: 550 }, (_, n) => entry({ eventId: `event-${String(n + 2)}` }));
  for (let at = 0; at < storm.length; at += 50) {
    await Promise.all(storm.slice(at, at + 50).map((said) => one.handle.signal(optOutSignal, said)));
  }
  await until(async () => (await one.handle.describe()).runId !== first);
  await until(async () => (await one.status()).entries.some(({ eventId }) => eventId === 'event-551'));
  const status = await one.status();
  expect(status).toMatchObject({ since: '2026-01-02T03:04:05.000Z', until: null });
  expect(new Set(status.entries.map(({ eventId }) => eventId)).size).toBe(100);
  await one.handle.signal(optInSignal, entry({ sendTime: LATER, eventId: 'in' }));
  expect(await one.handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});

test('renew begins a new run that knows all of it and keeps the memo', async () => {
  const one = await optOut();
  await until(() => one.sweeps().length === 1);
  const [before, status] = [await one.handle.describe(), await one.status()];
  await one.handle.signal(renewSignal);
  await until(async () => (await one.handle.describe()).runId !== before.runId);
  expect(await one.status()).toEqual(status);
  expect((await one.handle.describe()).memo).toEqual(before.memo);
  await one.handle.signal(optInSignal, entry({ sendTime: LATER, eventId: 'in' }));
  expect(await one.handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
});
