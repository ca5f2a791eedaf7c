import { afterEach, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import type { Bench } from './simulator-bench.js';
import { createBench, eventOf, MESSAGE_ID, PHONE } from './simulator-bench.js';

/** Events of another number about a message, and what users send. */
const OTHER = '+15550100777';
let bench: Bench;
afterEach(() => bench.close());

/** The events that the webhook got within an hour after a create with an expiry of ten minutes. */
async function eventsOf(behaviour: PhoneBehaviourInput, phone = PHONE) {
  const clock = createVirtualClock();
  bench = await createBench({ clock, defaultBehaviour: behaviour });
  await bench.create({ phone, expireTime: clock.now() + 600_000 });
  clock.advanceBy(3_600_000);
  await bench.simulator.idle();
  return bench.receiver.calls.map(eventOf);
}

test('an offline phone, and a DELIVERED and a READ of another number', async () => {
  const fromOthers = [
    { eventType: 'DELIVERED', from: OTHER, after: '1s' },
    { eventType: 'READ', from: OTHER, after: '2s' },
  ];
  expect(await eventsOf({ rcs: 'offline', events: { fromOthers, ttlEvent: 'none' } })).toMatchObject([
    { senderPhoneNumber: OTHER, eventType: 'DELIVERED', messageId: MESSAGE_ID, agentId: 'acme-agent@rbm.goog' },
    { senderPhoneNumber: OTHER, eventType: 'READ', messageId: MESSAGE_ID },
  ]);
  expect(bench.simulator.truthFor(MESSAGE_ID).rcs).toBe(0);
});

test('TTL events name the number as phoneNumber, also another one', async () => {
  const fromOthers = [{ eventType: 'TTL_EXPIRATION_REVOKED', from: OTHER }];
  const [early, own] = await eventsOf({ rcs: 'offline', events: { fromOthers } });
  expect(early).toMatchObject({ phoneNumber: OTHER, eventType: 'TTL_EXPIRATION_REVOKED', messageId: MESSAGE_ID });
  expect(own).toMatchObject({ phoneNumber: PHONE, eventType: 'TTL_EXPIRATION_REVOKED' });
  for (const event of [early, own]) expect(event).not.toHaveProperty('senderPhoneNumber');
});

test('a phone’s own events may name another number', async () => {
  const reply = { text: 'Yes', postbackData: 'yes' };
  expect(await eventsOf({ deliverAfter: 0, events: { from: OTHER, read: true, reply } })).toMatchObject([
    { eventType: 'DELIVERED', senderPhoneNumber: OTHER },
    { eventType: 'READ', senderPhoneNumber: OTHER },
    { suggestionResponse: { postbackData: 'yes' }, senderPhoneNumber: OTHER },
  ]);
  await bench.close();
  expect(await eventsOf({ rcs: 'offline', events: { from: OTHER } })).toMatchObject([{ phoneNumber: OTHER }]);
});

test('a tap may have neither messageId nor sendTime', async () => {
  const reply = { text: 'Yes', postbackData: 'yes', bare: true };
  expect(await eventsOf({ deliverAfter: 0, events: { delivered: 'never', reply } }, '+34600000001')).toEqual([
    {
      senderPhoneNumber: '+34600000001',
      agentId: 'acme-agent@rbm.goog',
      suggestionResponse: { postbackData: 'yes', text: 'Yes', type: 'REPLY' },
    },
  ]);
});

test.each<[string, NonNullable<PhoneBehaviourInput['events']>['reply'], unknown]>([
  ['a text', { text: 'é'.repeat(81) }, { classificationType: 'RICH_MESSAGE', segmentCount: 2 }],
  ['a reply', { text: 'Yes', postbackData: 'y' }, { classificationType: 'RICH_MESSAGE', segmentCount: 1 }],
  ['an action', { text: 'Call', postbackData: 'c', type: 'ACTION' }, { classificationType: 'SUGGESTED_ACTION_CLICK' }],
])('what a US user sends is classified: %s', async (_name, reply, richMessageClassification) => {
  const events = { delivered: 'never', reply } as const;
  const [event] = await eventsOf({ deliverAfter: 0, events });
  expect(event).toMatchObject({ richMessageClassification });
  await bench.close();
  const [foreign] = await eventsOf({ deliverAfter: 0, events }, '+34600000001');
  expect(foreign).not.toHaveProperty('richMessageClassification');
});
