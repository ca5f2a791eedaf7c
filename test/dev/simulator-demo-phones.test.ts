import { afterEach, expect, test } from 'vitest';
import { demoBehaviours } from '../../dev/simulator/demo-phones.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import type { Bench } from './simulator-bench.js';
import { createBench, eventTypes, MESSAGE_ID } from './simulator-bench.js';

/** The times of the demo: a message expires after 8 s, is then revoked, and has 5 s of grace. */
let bench: Bench;
afterEach(() => bench.close());

test.each<[string, { create: number; before: unknown[]; revoke: number; after: unknown[]; rcs: number }]>([
  ['+15550100001', { create: 200, before: ['DELIVERED'], revoke: 404, after: [], rcs: 1 }],
  ['+15550100002', { create: 200, before: ['DELIVERED'], revoke: 404, after: [], rcs: 1 }],
  ['+15550100003', { create: 200, before: [], revoke: 200, after: [], rcs: 0 }],
  ['+15550100004', { create: 404, before: [], revoke: 404, after: [], rcs: 0 }],
  ['+15550100005', { create: 200, before: [], revoke: 200, after: ['DELIVERED'], rcs: 1 }],
  ['+15550100006', { create: 200, before: [], revoke: 404, after: ['DELIVERED'], rcs: 1 }],
  ['+15550100007', { create: 200, before: [], revoke: 200, after: [], rcs: 0 }],
  ['+15550100099', { create: 200, before: ['DELIVERED'], revoke: 404, after: [], rcs: 1 }],
])('%s', async (phone, { create, before, revoke, after, rcs }) => {
  const clock = createVirtualClock();
  bench = await createBench({ clock, phones: demoBehaviours });
  const { simulator, receiver } = bench;
  expect((await bench.create({ phone, expireTime: clock.now() + 68_000 })).status).toBe(create);
  clock.advanceBy(8000);
  await simulator.idle();
  expect(eventTypes(receiver)).toEqual(before);
  expect((await bench.revoke(MESSAGE_ID, phone)).status).toBe(revoke);
  clock.advanceBy(5000);
  await simulator.idle();
  expect(eventTypes(receiver)).toEqual([...before, ...after]);
  expect(simulator.groundTruth(phone)).toHaveLength(rcs);
  expect(simulator.truthFor(MESSAGE_ID).rcs).toBe(rcs);
});
