import { afterEach, describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import type { VirtualClock } from '../../dev/simulator/virtual-clock.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import { signRbm } from '../../dev/simulator/webhook-sender.js';
import type { Bench, Receiver } from './simulator-bench.js';
import { createBench, eventBytes, eventOf, MESSAGE_ID, PHONE } from './simulator-bench.js';

/** People opt out by a user event, by a keyword, or by both, whenever they like. */
let bench: Bench;
let clock: VirtualClock;
afterEach(() => bench.close());

async function start(behaviour: PhoneBehaviourInput = { rcs: 'offline' }, options: Partial<SimulatorOptions> = {}) {
  clock = createVirtualClock();
  return (bench = await createBench({ clock, defaultBehaviour: behaviour, ...options }));
}
const promotion = { contentMessage: { text: 'Spring sale' }, messageTrafficType: 'PROMOTION' };
const truth = () => bench.simulator.truthFor(MESSAGE_ID);
/** What the webhook was told about opting out: event types and keywords. */
const told = ({ calls }: Receiver) =>
  calls.map(eventOf).flatMap(({ eventType, text }) => (eventType === 'DELIVERED' ? [] : [eventType ?? text]));
async function after(ms: number) {
  clock.advanceBy(ms);
  await bench.simulator.idle();
}

test('UNSUBSCRIBE is a signed user event without messageId and sendTime, and its keyword a text of the user', async () => {
  const { simulator, receiver } = await start();
  simulator.optOut({ phone: '+34600000001', agentId: 'acme-agent@rbm.goog' });
  await simulator.idle();
  const [event, keyword] = receiver.calls;
  if (event === undefined || keyword === undefined) throw new Error('no call');
  expect(eventOf(event)).toEqual({
    senderPhoneNumber: '+34600000001',
    agentId: 'acme-agent@rbm.goog',
    eventType: 'UNSUBSCRIBE',
    eventId: expect.any(String) as string,
  });
  expect(eventOf(keyword)).toEqual({
    senderPhoneNumber: '+34600000001',
    agentId: 'acme-agent@rbm.goog',
    messageId: expect.any(String) as string,
    sendTime: new Date(clock.now()).toISOString(),
    text: 'BAJA',
  });
  for (const call of [event, keyword])
    expect(call.headers['x-goog-signature']).toBe(signRbm('test-client-token', eventBytes(call)));
  expect(simulator.optOutsOf('+34600000001')).toEqual([
    { at: clock.now(), says: 'UNSUBSCRIBE', channel: 'rcs', agentId: 'acme-agent', heardAt: clock.now() },
  ]);
});

test.each([
  ['+15550100001', 'STOP', 'START'],
  ['+34600000001', 'BAJA', 'ALTA'],
  ['+5215500000001', 'BAJA', 'ALTA'],
  ['+5511900000001', 'parar', 'começar'],
  ['+33600000001', 'STOP', 'Démarrer'],
])('the keywords of %s are %s and %s', async (phone, unsubscribe, subscribe) => {
  const { simulator, receiver } = await start();
  simulator.optOut({ phone, agentId: 'acme-agent' });
  simulator.optOut({ phone, agentId: 'acme-agent', says: 'SUBSCRIBE' });
  await simulator.idle();
  expect(told(receiver)).toEqual(['UNSUBSCRIBE', unsubscribe, 'SUBSCRIBE', subscribe]);
});

test.each([
  [{ parts: 'keywordThenEvent' }, ['STOP', 'UNSUBSCRIBE']],
  [{ parts: 'event' }, ['UNSUBSCRIBE']],
  [{ parts: 'keyword', keyword: 'Stop please' }, ['Stop please']],
] as const)('%o', async (words, expected) => {
  const { simulator, receiver } = await start();
  simulator.optOut({ phone: PHONE, agentId: 'acme-agent', ...words });
  await simulator.idle();
  expect(told(receiver)).toEqual(expected);
});

test('the user event may have a sendTime', async () => {
  const { simulator, receiver } = await start();
  simulator.optOut({ phone: PHONE, agentId: 'acme-agent', parts: 'event', sendTime: true });
  await simulator.idle();
  expect(receiver.calls.map(eventOf)).toMatchObject([{ sendTime: new Date(clock.now()).toISOString() }]);
});

test('without an agentId the person answers the agent that wrote last, and nobody else', async () => {
  const { simulator, receiver } = await start();
  expect(() => {
    simulator.optOut({ phone: PHONE });
  }).toThrow('agentId');
  await bench.create();
  simulator.optOut({ phone: PHONE, parts: 'event' });
  await simulator.idle();
  expect(receiver.calls.map(eventOf)).toMatchObject([{ agentId: 'acme-agent@rbm.goog' }]);
});

describe('by script, at a moment in the life of a message', () => {
  test('before the create has had its effect', async () => {
    await start({ rcs: 'notRcs', optOut: { when: 'create', parts: 'event' } });
    expect((await bench.create()).status).toBe(404);
    await bench.create();
    await bench.simulator.idle();
    expect(told(bench.receiver)).toEqual(['UNSUBSCRIBE']);
  });

  test('some seconds after the person got the message', async () => {
    await start({ deliverAfter: '1s', optOut: { when: 'shown', after: '3s', parts: 'event' } });
    await bench.create();
    await after(3999);
    expect(told(bench.receiver)).toEqual([]);
    await after(1);
    expect(told(bench.receiver)).toEqual(['UNSUBSCRIBE']);
  });

  test('in flight, and in again after the revocation', async () => {
    await start({
      rcs: 'offline',
      optOut: [
        { when: 'accepted', after: '1s', parts: 'event' },
        { when: 'revoked', says: 'SUBSCRIBE', parts: 'event' },
      ],
    });
    await bench.create();
    await after(1000);
    expect(told(bench.receiver)).toEqual(['UNSUBSCRIBE']);
    await bench.revoke();
    await after(0);
    expect(told(bench.receiver)).toEqual(['UNSUBSCRIBE', 'SUBSCRIBE']);
  });

  test('after an SMS', async () => {
    await start({ rcs: 'notRcs', smsReceipt: 'none', smsReceiptDelay: '1s', optOut: { when: 'sms', parts: 'event' } });
    await bench.create();
    await bench.sms(MESSAGE_ID);
    await after(999);
    expect(told(bench.receiver)).toEqual([]);
    await after(1);
    expect(told(bench.receiver)).toEqual(['UNSUBSCRIBE']);
  });
});

describe('the ground truth counts promotions that a person got after opting out', () => {
  test('by RCS', async () => {
    await start({ rcs: 'offline', events: { delivered: 'never' } });
    await bench.create({ body: promotion });
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent' });
    bench.simulator.bringOnline(PHONE);
    expect(truth()).toMatchObject({ rcs: 1, afterOptOut: 1, messageTrafficType: 'PROMOTION', agentId: 'acme-agent' });
    expect(bench.simulator.groundTruth(PHONE)).toMatchObject([{ channel: 'RCS', afterOptOut: true }]);
  });

  test('by SMS', async () => {
    await start({ rcs: 'notRcs', smsReceiptDelay: 0 });
    await bench.create({ body: promotion });
    await bench.sms(MESSAGE_ID);
    await after(0);
    expect(truth()).toMatchObject({ smsDelivered: 1, afterOptOut: 0 });
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent' });
    await bench.sms(MESSAGE_ID);
    await after(0);
    expect(truth()).toMatchObject({ smsDelivered: 2, afterOptOut: 1 });
  });

  test('not after the person opted in again, not of another agent, not of another traffic type', async () => {
    await start();
    bench.simulator.optOut({ phone: PHONE, agentId: 'other-agent' });
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent' });
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent', says: 'SUBSCRIBE' });
    await bench.create({ body: promotion });
    bench.simulator.bringOnline(PHONE);
    expect(truth()).toMatchObject({ rcs: 1, afterOptOut: 0 });
    const code = '11111111-1111-4111-8111-111111111111';
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent' });
    await bench.create({ messageId: code, body: { ...promotion, messageTrafficType: 'AUTHENTICATION' } });
    bench.simulator.bringOnline(PHONE);
    expect(bench.simulator.truthFor(code)).toMatchObject({ rcs: 1, afterOptOut: 0 });
  });

  test('of every agent of the brand, and by an agent’s single use case', async () => {
    const agents = { 'acme-agent': { useCase: 'PROMOTION', brand: 'acme' }, 'acme-care': { brand: 'acme' } } as const;
    await start({ rcs: 'offline' }, { agents });
    await bench.create();
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-care' });
    bench.simulator.bringOnline(PHONE);
    expect(truth()).toMatchObject({ messageTrafficType: 'PROMOTION', afterOptOut: 1 });
  });

  test('says when the webhook heard of it', async () => {
    const statuses = [503, 200];
    clock = createVirtualClock();
    bench = await createBench({ clock }, (call) => ({ status: statuses[call] ?? 200 }));
    const said = clock.now();
    bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent', parts: 'event' });
    await after(0);
    expect(bench.simulator.optOutsOf(PHONE)[0]?.heardAt).toBeUndefined();
    await after(1000);
    expect(bench.simulator.optOutsOf(PHONE)).toMatchObject([{ at: said, heardAt: said + 1000 }]);
  });
});

test('STOP to the sender of an SMS: no event, and the gateway refuses that sender’s SMS', async () => {
  await start({ smsReceiptDelay: 0 });
  bench.simulator.optOut({ phone: PHONE, channel: 'sms', sender: '+15550109999' });
  const refused = await bench.sms(MESSAGE_ID);
  expect([refused.status, await refused.json()]).toMatchObject([403, { reason: 'optedOut' }]);
  expect((await bench.sms(MESSAGE_ID, 'k', 'Hello', { from: '+15550108888' })).status).toBe(202);
  bench.simulator.optOut({ phone: PHONE, channel: 'sms', sender: '+15550109999', says: 'SUBSCRIBE' });
  expect((await bench.sms(MESSAGE_ID)).status).toBe(202);
  await bench.simulator.idle();
  expect(told(bench.receiver)).toEqual([]);
});

test('an opt-out stays when the records are cleared', async () => {
  await start();
  bench.simulator.optOut({ phone: PHONE, agentId: 'acme-agent' });
  bench.simulator.forget();
  expect(bench.simulator.optOutsOf(PHONE)).toEqual([]);
  await bench.create({ body: promotion });
  bench.simulator.bringOnline(PHONE);
  expect(truth().afterOptOut).toBe(1);
});
