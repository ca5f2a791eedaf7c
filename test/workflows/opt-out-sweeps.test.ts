import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { optOutSignal } from '../../src/contract/opt-out.js';
import { millisecondsOf } from '../../src/temporal/run-events.js';
import { entry, startOptOutRig, until, type Answer, type OptOutRig } from './opt-out-rig.js';

// No opt-out of this file ends: the test server stops skipping time for good when a workflow ends while one of its
// activities runs.
let rig: OptOutRig;
beforeAll(async () => {
  rig = await startOptOutRig();
});
afterAll(() => rig.stop());

/** How long after the opt-out its timers fired, in seconds. The sweeps themselves come later on a slow machine. */
async function timersOf(handle: WorkflowHandle): Promise<readonly number[]> {
  const { events } = await handle.fetchHistory();
  const timesOf = (kind: 'workflowTaskStartedEventAttributes' | 'timerFiredEventAttributes') =>
    (events ?? []).filter((event) => event[kind]).map(({ eventTime }) => millisecondsOf(eventTime));
  const [heard = 0] = timesOf('workflowTaskStartedEventAttributes');
  return timesOf('timerFiredEventAttributes').map((fired) => Math.round((fired - heard) / 1_000));
}

test('looks for deliveries in flight at once, after 5 s, 30 s and 5 min, and leaves out those it has signalled', async () => {
  const answer: Answer = ({ except }) =>
    Promise.resolve({ signalled: [`delivery-${String(except.length)}`], more: false });
  const { input, ...one } = await rig.start(entry(), { answer });
  await until(() => one.sweeps().length === 1);
  await rig.env.sleep(310_000);
  await until(() => one.sweeps().length === 4);
  await rig.env.sleep(3_600_000);
  const [first, ...rest] = one.sweeps();
  expect(first).toMatchObject({ ...input, except: [], source: 'rbm', sendTime: '2026-01-02T03:04:05Z' });
  expect(await timersOf(one.handle)).toEqual([5, 30, 300]);
  expect(rest.map(({ except }) => except.length)).toEqual([1, 2, 3]);
});

test('goes on at once while there are more', async () => {
  const answer: Answer = ({ except }) =>
    Promise.resolve({ signalled: [String(except.length)], more: except.length < 3 });
  const one = await rig.start(entry(), { answer });
  await until(() => one.sweeps().length === 4);
  expect(one.sweeps().map(({ except }) => except)).toEqual([[], ['0'], ['0', '1'], ['0', '1', '2']]);
});

test('another opt-out starts the sweeps again, a repetition does not', async () => {
  const one = await rig.start();
  await rig.env.sleep(310_000);
  await until(() => one.sweeps().length === 4);
  await one.handle.signal(optOutSignal, entry());
  await one.handle.signal(optOutSignal, entry({ source: 'keyword STOP', eventId: 'event-2' }));
  await until(() => one.sweeps().length === 5);
  expect(one.sweeps().at(-1)).toMatchObject({ source: 'keyword STOP' });
  await rig.env.sleep(310_000);
  await until(() => one.sweeps().length === 8);
});

test('another opt-out adds the agents that have joined the brand', async () => {
  const one = await rig.start(entry(), { agentIds: [] });
  await one.handle.signal(optOutSignal, entry({ eventId: 'event-2' }), {
    ...one.input,
    agentIds: ['acme', 'acme-shop'],
  });
  await until(() => one.sweeps().length > 0);
  expect(one.sweeps().at(-1)).toMatchObject({ ...one.input, agentIds: ['acme', 'acme-shop'] });
});

test('an opt-out from SMS alone looks for none', async () => {
  const one = await rig.start(entry(), { agentIds: [] });
  await rig.env.sleep(310_000);
  expect(await one.status()).toMatchObject({ until: null });
  expect(one.sweeps()).toEqual([]);
});
