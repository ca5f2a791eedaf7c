import { expect, test, vi } from 'vitest';
import { AGENT, deliveredEvent, MESSAGE_ID, OTHER_PHONE, PHONE, userMessage } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';
import { WAIT } from '../support/wait.js';

const names = (signals: readonly { readonly name: string }[]) => signals.map(({ name }) => name);
const uuid = (n: number) => `0b2f6d0e-3c1f-4a57-9d8e-${String(n).padStart(12, '0')}`;

test('identical events at one time share one call, and none is acknowledged before it is durable', async () => {
  const { send, deliveries, counted } = await startWebhook();
  const release = deliveries.hold();
  let answered = 0;
  const sent = Array.from({ length: 5 }, async () => {
    const { status } = await send(deliveredEvent());
    answered += 1;
    return status;
  });
  await vi.waitFor(async () => {
    expect(await counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(5);
  }, WAIT);
  expect(answered).toBe(0);
  release();
  expect(await Promise.all(sent)).toEqual([200, 200, 200, 200, 200]);
  expect(deliveries.calls).toBe(1);
  expect(await counted({ verdict: 'signalled' })).toBe(1);
  expect(await counted({ verdict: 'repeated' })).toBe(4);
});

test('identical events at one time share its failure, too, and the next one is tried again', async () => {
  const { send, deliveries } = await startWebhook();
  deliveries.down = true;
  const release = deliveries.hold();
  const sent = [send(deliveredEvent()), send(deliveredEvent())];
  await vi.waitFor(() => {
    expect(deliveries.calls).toBe(1);
  }, WAIT);
  release();
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([503, 503]);
  deliveries.down = false;
  expect((await send(deliveredEvent())).status).toBe(200);
  expect(deliveries.signals).toHaveLength(1);
});

test('while Temporal is down every event is answered 503, and every redelivery afterwards is stored', async () => {
  const { send, deliveries, counted } = await startWebhook();
  const events = Array.from({ length: 10 }, (_, n) => deliveredEvent({ messageId: uuid(n) }));
  deliveries.down = true;
  for (const event of events) {
    const answer = await send(event);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
  }
  expect(await counted({ verdict: 'unavailable' })).toBe(10);
  deliveries.down = false;
  for (const event of events) expect((await send(event)).status).toBe(200);
  expect(new Set(deliveries.signals.map(({ workflowId }) => workflowId)).size).toBe(10);
});

test('after a stored proof of delivery no event of this message costs a call', async () => {
  const { send, deliveries } = await startWebhook();
  await send(deliveredEvent());
  for (const eventType of ['READ', 'DELIVERED', 'TTL_EXPIRATION_REVOKED', 'TTL_EXPIRATION_REVOKE_FAILED']) {
    expect((await send(deliveredEvent({ eventType, eventId: `evt-${eventType}` }))).status).toBe(200);
  }
  expect((await send(userMessage({ suggestionResponse: { postbackData: MESSAGE_ID } }))).status).toBe(200);
  expect(names(deliveries.signals)).toEqual(['delivered']);
});

const sendersOf = (signals: readonly { readonly payload: unknown }[]) =>
  signals.map(({ payload }) => (payload as { readonly from?: string }).from);

test.each(['DELIVERED', 'READ', 'TTL_EXPIRATION_REVOKED'])(
  'an event from another number hides none of the recipient’s own: %s',
  async (eventType) => {
    const { send, deliveries } = await startWebhook();
    await send(deliveredEvent({ eventType, senderPhoneNumber: OTHER_PHONE }));
    await send(deliveredEvent({ eventType, senderPhoneNumber: undefined }));
    for (let time = 0; time < 3; time += 1) await send(deliveredEvent({ eventType }));
    expect(sendersOf(deliveries.signals)).toEqual([OTHER_PHONE, undefined, PHONE]);
  },
);

test('nor does one that comes at the same time', async () => {
  const { send, deliveries } = await startWebhook();
  const release = deliveries.hold();
  const senders = [OTHER_PHONE, PHONE, OTHER_PHONE, PHONE];
  const sent = senders.map((senderPhoneNumber) => send(deliveredEvent({ senderPhoneNumber })));
  await vi.waitFor(() => {
    expect(deliveries.calls).toBe(2);
  }, WAIT);
  release();
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(sendersOf(deliveries.signals).toSorted()).toEqual([PHONE, OTHER_PHONE]);
});

test('nor does another number’s reply', async () => {
  const { send, deliveries } = await startWebhook();
  const suggestionResponse = { postbackData: MESSAGE_ID };
  await send(userMessage({ suggestionResponse, senderPhoneNumber: OTHER_PHONE }));
  await send(userMessage({ suggestionResponse }));
  await send(deliveredEvent());
  expect(sendersOf(deliveries.signals)).toEqual([OTHER_PHONE, PHONE]);
});

test('a TTL event proves nothing: DELIVERED after it is signalled', async () => {
  const { send, deliveries } = await startWebhook();
  await send(deliveredEvent({ eventType: 'TTL_EXPIRATION_REVOKED' }));
  await send(deliveredEvent({ eventType: 'TTL_EXPIRATION_REVOKED', eventId: 'again' }));
  await send(deliveredEvent());
  expect(names(deliveries.signals)).toEqual(['ttlExpirationRevoked', 'delivered']);
});

test('the same messageId of another agent is another delivery', async () => {
  const { send, deliveries } = await startWebhook();
  await send(deliveredEvent());
  await send(deliveredEvent({ agentId: 'other-agent@rbm.goog' }));
  expect(deliveries.signals.map(({ workflowId }) => workflowId)).toEqual([
    `message-delivery:${AGENT}:${MESSAGE_ID}`,
    `message-delivery:other-agent:${MESSAGE_ID}`,
  ]);
});

test('a forgotten event is signalled again, never lost', async () => {
  const { send, deliveries } = await startWebhook({ limits: { remembered: 2 } });
  for (const n of [1, 2, 3, 1]) await send(deliveredEvent({ messageId: uuid(n) }));
  expect(deliveries.signals).toHaveLength(4);
});

test('over the limit of calls in flight an event is answered 503', async () => {
  const { send, deliveries, counted } = await startWebhook({ limits: { signalsInFlight: 2 } });
  const release = deliveries.hold();
  const first = [1, 2].map((n) => send(deliveredEvent({ messageId: uuid(n) })));
  await vi.waitFor(() => {
    expect(deliveries.calls).toBe(2);
  }, WAIT);
  const turnedAway = await send(deliveredEvent({ messageId: uuid(3) }));
  expect(turnedAway.status).toBe(503);
  expect(turnedAway.headers.get('retry-after')).toBe('1');
  expect(await counted({ verdict: 'overloaded' })).toBe(1);
  release();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await send(deliveredEvent({ messageId: uuid(3) }))).status).toBe(200);
});
