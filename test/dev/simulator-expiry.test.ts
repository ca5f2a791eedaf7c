import { afterEach, describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import type { VirtualClock } from '../../dev/simulator/virtual-clock.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import type { Bench } from './simulator-bench.js';
import { createBench, eventOf, eventTypes, MESSAGE_ID, PHONE } from './simulator-bench.js';

/** A simulator in virtual time, to test how RBM itself revokes a message at the create call's expireTime. */
const DAY = 86_400_000;
const EXPIRY = 10 * 60_000;

let bench: Bench;
let clock: VirtualClock;
afterEach(() => bench.close());

async function send(behaviour: PhoneBehaviourInput, expireAfter = EXPIRY) {
  clock = createVirtualClock();
  bench = await createBench({ clock, defaultBehaviour: behaviour });
  await bench.create({ expireTime: clock.now() + expireAfter });
}
const truth = () => bench.simulator.truthFor(MESSAGE_ID);
async function reportsAfter(ms: number) {
  clock.advanceBy(ms);
  await bench.simulator.idle();
  return eventTypes(bench.receiver);
}

test('an undelivered message is revoked exactly at its expiry and reported by a server event', async () => {
  await send({ rcs: 'offline' });
  expect(await reportsAfter(EXPIRY - 1)).toEqual([]);
  expect(truth().revokedAt).toBeUndefined();
  expect(await reportsAfter(1)).toEqual(['TTL_EXPIRATION_REVOKED']);
  expect(truth()).toMatchObject({ rcs: 0, revokedBy: 'expiry', revokedAt: truth().expireTime });
  const [call] = bench.receiver.calls;
  expect(call && eventOf(call)).toMatchObject({ phoneNumber: PHONE, messageId: MESSAGE_ID });
  bench.simulator.bringOnline(PHONE);
  expect(truth().rcs).toBe(0);
});

test('virtual time may pass fifteen days', async () => {
  await send({ rcs: 'offlineThenBack', backAfter: `${14 * 86_400}s` }, 15 * DAY);
  expect(await reportsAfter(14 * DAY)).toEqual(['DELIVERED']);
  expect(await reportsAfter(DAY)).toEqual(['DELIVERED']);
  expect(truth()).toMatchObject({ rcs: 1 });
  expect(truth().revokedAt).toBeUndefined();
});

test('a message with an expireTime in the past is revoked at once', async () => {
  await send({ rcs: 'offline' }, -1000);
  expect(await reportsAfter(0)).toEqual(['TTL_EXPIRATION_REVOKED']);
});

test('a message without an expiry is kept for 30 days and then dropped without an event', async () => {
  clock = createVirtualClock();
  bench = await createBench({ clock, defaultBehaviour: 'offline' });
  await bench.create();
  await reportsAfter(30 * DAY - 1);
  expect(truth().revokedAt).toBeUndefined();
  expect(await reportsAfter(1)).toEqual([]);
  expect(truth().revokedBy).toBe('expiry');
});

describe('events at the expiry follow the script', () => {
  test.each<[string, PhoneBehaviourInput, unknown[], { rcs: number; revoked: boolean }]>([
    ['none', { rcs: 'offline', events: { ttlEvent: 'none' } }, [], { rcs: 0, revoked: true }],
    [
      'a kind that nobody knows',
      { rcs: 'offline', events: { ttlEvent: 'unknown' } },
      ['TTL_EXPIRATION_PENDING'],
      { rcs: 0, revoked: true },
    ],
    [
      'revoke failed: still queued',
      { rcs: 'offline', events: { ttlEvent: 'revokeFailed' } },
      ['TTL_EXPIRATION_REVOKE_FAILED'],
      { rcs: 0, revoked: false },
    ],
    [
      'revoke failed because the phone had it',
      { rcs: 'offline', atExpiry: 'deliver', events: { ttlEvent: 'revokeFailed' } },
      ['DELIVERED', 'TTL_EXPIRATION_REVOKE_FAILED'],
      { rcs: 1, revoked: false },
    ],
    [
      'both, the TTL event first',
      { rcs: 'offline', atExpiry: 'deliver', events: { deliveredDelay: '1s' } },
      ['TTL_EXPIRATION_REVOKED', 'DELIVERED'],
      { rcs: 1, revoked: false },
    ],
    [
      'neither',
      { rcs: 'offline', atExpiry: 'deliver', events: { delivered: 'never', ttlEvent: 'none' } },
      [],
      { rcs: 1, revoked: false },
    ],
    [
      'a TTL event long after DELIVERED',
      { deliverAfter: '1s', events: { ttlEvent: 'afterDelivered' } },
      ['DELIVERED', 'TTL_EXPIRATION_REVOKED'],
      { rcs: 1, revoked: false },
    ],
    ['delivered in time: DELIVERED only', { deliverAfter: '1s' }, ['DELIVERED'], { rcs: 1, revoked: false }],
  ])('%s', async (_name, behaviour, expected, { rcs, revoked }) => {
    await send(behaviour);
    expect(await reportsAfter(EXPIRY + 5000)).toEqual(expected);
    expect([truth().rcs, truth().revokedAt !== undefined]).toEqual([rcs, revoked]);
  });

  test('a message that RBM kept after a failed revocation can still be revoked by a DELETE', async () => {
    await send({ rcs: 'offline', events: { ttlEvent: 'revokeFailed' } });
    await reportsAfter(EXPIRY);
    expect((await bench.revoke()).status).toBe(200);
    expect(truth().revokedBy).toBe('delete');
  });

  test.each([
    [false, []],
    [true, ['TTL_EXPIRATION_REVOKED']],
  ])('a TTL event after a DELETE: %s', async (ttlEventAfterDelete, expected) => {
    await send({ rcs: 'offline', events: { ttlEventAfterDelete } });
    await bench.revoke();
    expect(await reportsAfter(EXPIRY)).toEqual(expected);
  });
});

test('a scale shortens the phone’s delays, but not the expiry', async () => {
  clock = createVirtualClock();
  bench = await createBench({ clock, timeScale: 0.1, defaultBehaviour: { deliverAfter: '10s' } });
  await bench.create({ expireTime: clock.now() + 5000 });
  expect(await reportsAfter(1000)).toEqual(['DELIVERED']);
});
