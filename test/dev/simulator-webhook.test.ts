import { afterEach, describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import { createSimulator } from '../../dev/simulator/simulator.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import { signRbm } from '../../dev/simulator/webhook-sender.js';
import type { Bench, createReceiver } from './simulator-bench.js';
import { createBench, eventBytes, eventOf, eventTypes, MESSAGE_ID, PHONE, SECRET } from './simulator-bench.js';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});
async function start(options: Partial<SimulatorOptions>, answer?: Parameters<typeof createReceiver>[0]) {
  return (bench = await createBench(options, answer));
}
const withEvents = (
  events: NonNullable<PhoneBehaviourInput['events']>,
  answer?: Parameters<typeof createReceiver>[0],
) => start({ defaultBehaviour: { deliverAfter: 0, events } }, answer);

test('signs a known event with the known signature', () => {
  const data =
    '{"agentId":"demo-agent@rbm.goog","senderPhoneNumber":"+15550100001","eventType":"DELIVERED","eventId":"evt-1",' +
    '"messageId":"0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21","sendTime":"2026-01-02T03:04:05.678Z"}';
  expect(signRbm('test-client-token', Buffer.from(data))).toBe(
    'ZnjhsfuqTizrgkEZHfqDi9lfXlEMxMeRLXdm/JVFC3ibHOfRBnR5y8BWLPQQovtror2jTe7tpZYeXoWeGTeeGw==',
  );
});

test('posts DELIVERED in an envelope, signed over the decoded bytes', async () => {
  const { create, receiver, simulator } = await withEvents({});
  await create();
  await expect.poll(() => receiver.calls.length).toBe(1);
  const [call] = receiver.calls;
  if (call === undefined) throw new Error('no call');
  expect(call.url).toBe('/rbm');
  expect(call.headers).toMatchObject({
    'content-type': 'application/json',
    'x-goog-signature': signRbm('test-client-token', eventBytes(call)),
    'x-goog-webhook-type': 'message_callback',
  });
  const event = eventOf(call);
  expect(event).toMatchObject({ senderPhoneNumber: PHONE, agentId: 'acme-agent@rbm.goog', messageId: MESSAGE_ID });
  expect(simulator.webhookLog).toMatchObject([{ status: 200, eventType: 'DELIVERED', messageId: MESSAGE_ID }]);
  expect(simulator.groundTruth(PHONE)).toMatchObject([{ channel: 'RCS', messageId: MESSAGE_ID, text: 'Hello' }]);
});

test('every other data is pretty-printed, so that its bytes can’t be had by re-serializing', async () => {
  const { create, receiver } = await withEvents({ read: true });
  await create();
  await expect.poll(() => receiver.calls.length).toBe(2);
  expect(receiver.calls.map((call) => eventBytes(call).includes('\n'))).toEqual([false, true]);
});

describe('events as scripted', () => {
  test.each<[string, NonNullable<PhoneBehaviourInput['events']>, unknown[]]>([
    ['DELIVERED twice', { delivered: 'twice' }, ['DELIVERED', 'DELIVERED']],
    ['READ first', { readBeforeDelivered: true }, ['READ', 'DELIVERED']],
    ['READ only', { delivered: 'never', read: true }, ['READ']],
    ['typing', { typing: true }, ['DELIVERED', 'IS_TYPING']],
    ['an unknown event', { unknownEvent: true }, ['DELIVERED', 'PONDERED']],
    ['a reply', { delivered: 'never', reply: { text: 'Yes', postbackData: 'yes' } }, [undefined]],
  ])('%s', async (_name, events, expected) => {
    const { create, receiver } = await withEvents(events);
    await create();
    await expect.poll(() => eventTypes(receiver)).toEqual(expected);
  });

  test('a repeated event keeps its eventId; a reply has the user’s own messageId', async () => {
    const { create, receiver } = await withEvents({ delivered: 'twice', reply: { text: 'Yes', postbackData: 'yes' } });
    await create();
    await expect.poll(() => receiver.calls.length).toBe(3);
    const [first, second, reply] = receiver.calls.map(eventOf);
    expect(second?.['eventId']).toBe(first?.['eventId']);
    expect(reply).toMatchObject({ suggestionResponse: { postbackData: 'yes', text: 'Yes', type: 'REPLY' } });
    expect(reply?.['messageId']).not.toBe(MESSAGE_ID);
  });
});

describe('at least once', () => {
  test('repeats until 200 with growing pauses, and holds up the events behind (one queue)', async () => {
    const statuses = [500, 204, 401];
    const { create, receiver, simulator } = await start(
      { defaultBehaviour: { deliverAfter: 0, events: { read: true, readDelay: 0 } }, webhookRetry: { initialMs: 40 } },
      (call) => ({ status: statuses[call] ?? 200 }),
    );
    await create();
    await expect.poll(() => receiver.calls.length).toBe(5);
    expect(eventTypes(receiver)).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'READ']);
    expect(new Set(receiver.calls.slice(0, 4).map(({ body }) => body)).size).toBe(1);
    const at = simulator.webhookLog.map((attempt) => attempt.at);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(39);
    expect((at[3] ?? 0) - (at[2] ?? 0)).toBeGreaterThanOrEqual(159);
  });

  test('no answer in time is a failure', async () => {
    const { simulator, receiver } = await start({ webhookTimeoutMs: 50, webhookRetry: { initialMs: 10 } }, (call) =>
      call === 0 ? 'hang' : { status: 200 },
    );
    simulator.postEvent({ eventType: 'DELIVERED' });
    await expect.poll(() => simulator.webhookLog.map(({ status }) => status)).toEqual([undefined, 200]);
    expect(receiver.calls).toHaveLength(2);
  });

  test('the backoff is capped, and the event dropped after its last day', async () => {
    const clock = createVirtualClock();
    const webhookRetry = { initialMs: 1000, capMs: 4000, giveUpAfterMs: 12_000 };
    const { simulator } = await start({ clock, webhookRetry }, () => ({ status: 500 }));
    simulator.postEvent({ eventType: 'DELIVERED' });
    const since = clock.now();
    for (let second = 0; second < 60; second += 1) {
      await simulator.idle();
      clock.advanceBy(1000);
    }
    expect(simulator.webhookLog.map(({ at }) => (at - since) / 1000)).toEqual([0, 1, 3, 7, 11, 15]);
  });

  test('events wait until the URL is known', async () => {
    const { receiver } = await start({});
    const simulator = await createSimulator({ clientToken: 'a', smsWebhookSecret: SECRET, smsToken: 'b' });
    simulator.postEvent({ eventType: 'DELIVERED' });
    await simulator.idle();
    expect(simulator.webhookLog).toEqual([]);
    simulator.setWebhookUrls({ rbm: receiver.url });
    await simulator.idle();
    expect(eventTypes(receiver)).toEqual(['DELIVERED']);
    await simulator.stop();
  });

  test('faults of the channel: all doubled, all dropped, delayed out of order by a seed', async () => {
    const doubled = await start({ defaultBehaviour: { deliverAfter: 0 }, webhookFaults: { duplicate: 1 } });
    await doubled.create();
    await expect.poll(() => eventTypes(doubled.receiver)).toEqual(['DELIVERED', 'DELIVERED']);
    await doubled.close();
    const dropped = await start({ webhookFaults: { drop: 1 } });
    dropped.simulator.postEvent({ eventType: 'DELIVERED' });
    await dropped.simulator.idle();
    expect(dropped.receiver.calls).toEqual([]);
    await dropped.close();
    const delayed = await start({ webhookFaults: { seed: 7, delayUpToMs: 200 } });
    const order = Array.from({ length: 20 }, (_, index) => `E${index}`);
    for (const eventType of order) delayed.simulator.postEvent({ eventType });
    await expect.poll(() => delayed.receiver.calls.length).toBe(20);
    expect(eventTypes(delayed.receiver)).not.toEqual(order);
    expect(eventTypes(delayed.receiver).sort()).toEqual([...order].sort());
  });
});

test('the handshake holds only for a webhook that answers with the bare secret', async () => {
  const secretOf = (body: string) => (JSON.parse(body) as { secret: string }).secret;
  const good = await start({}, (_call, body) => ({ status: 200, body: secretOf(body) }));
  expect(await good.simulator.verifyWebhook()).toBe(true);
  expect(JSON.parse(good.receiver.calls[0]?.body ?? '')).toMatchObject({ clientToken: 'test-client-token' });
  await good.close();
  const bad = await start({}, (_call, body) => ({ status: 200, body: `secret: ${secretOf(body)}` }));
  expect(await bad.simulator.verifyWebhook()).toBe(false);
});
