import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  DeliveryClosedError,
  DeliveryNotFoundError,
  InvalidInputError,
  OUTCOMES,
  TemporalUnavailableError,
  type Channel,
  type DeliveryId,
  type EndReason,
  type Outcome,
  type StartInput,
} from '../../src/index.js';
import { createFakeDeliveryClient } from '../../src/testing/index.js';

const message: StartInput = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
  ttl: '60s',
  fallback: { sms: { text: 'Your code is 482913' } },
};
const error = new TemporalUnavailableError('no connection');
afterEach(() => {
  vi.useRealTimers();
});

describe('settle', () => {
  const revoked = ['revokeRequested', 'revokeStarted', 'revokeAnswered'];
  const sms = ['smsRequested', 'smsAnswered'];
  /** What reached the person, why RCS did not, and the events after the message was sent. */
  const STORIES: Readonly<Record<Outcome, readonly [Channel, EndReason | undefined, readonly string[]]>> = {
    DELIVERED: ['RCS', undefined, ['delivered']],
    DELIVERED_BY_SMS: ['SMS', 'unreachable', [...sms, 'smsStatus']],
    SENT_BY_SMS: ['SMS', 'unreachable', sms],
    REVOKED: [null, 'operator', revoked],
    UNCERTAIN: [null, 'operator', revoked],
    UNDELIVERABLE: [null, 'unreachable', sms],
    CANCELLED: [null, 'cancelled', ['cancelRequested', 'revokeStarted', 'revokeAnswered']],
    SUPPRESSED: [null, 'optedOut', []],
  };
  test.each(OUTCOMES)('%s: the result and the status say so, with a timeline that leads there', async (outcome) => {
    const fake = createFakeDeliveryClient();
    const delivery = await fake.start(message);
    const waiting = delivery.outcome();
    fake.settle(delivery, outcome);
    const { timeline, ...result } = await waiting;
    expect(result).toMatchObject({ outcome, messageId: message.messageId, duplicate: false });
    const [channel, reason, events] = STORIES[outcome];
    expect([result.channel, result.reason]).toEqual([channel, reason]);
    expect(timeline.map(({ event }) => event)).toEqual(['sendStarted', 'sendAnswered', ...events]);
    expect(await delivery.status()).toMatchObject({ status: outcome, outcome, phase: null, next: null, timeline });
  });

  test.each(['DELIVERED_BY_SMS', 'SENT_BY_SMS'] as const)('%s needs a fallback, as with a worker', async (outcome) => {
    const fake = createFakeDeliveryClient();
    const delivery = await fake.start({ ...message, fallback: undefined });
    expect(() => {
      fake.settle(delivery, outcome);
    }).toThrow(new TypeError('a delivery without fallback.sms sends no SMS, so it does not settle by SMS'));
    fake.settle(delivery, 'REVOKED');
    expect(await delivery.outcome()).toMatchObject({ outcome: 'REVOKED', channel: null });
  });

  test('takes fields of the result, by any form of the id', async () => {
    const fake = createFakeDeliveryClient();
    const { workflowId, agentId } = await fake.start({ ...message, fallback: undefined });
    const settle = (id: DeliveryId | string) => () => {
      fake.settle(id, 'DELIVERED');
    };
    const terminate = () => {
      fake.terminate(workflowId);
    };
    expect(settle({ agentId, messageId: '5c2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c01' })).toThrow(DeliveryNotFoundError);
    fake.settle(workflowId, { outcome: 'UNDELIVERABLE', reason: 'refused' });
    expect(await fake.handle(workflowId).outcome()).toMatchObject({ outcome: 'UNDELIVERABLE', reason: 'refused' });
    expect(settle(workflowId)).toThrow(DeliveryClosedError);
    expect(terminate).toThrow(DeliveryClosedError);
  });

  test('an SMS after a revocation, or after the expiry, follows from that', async () => {
    const fake = createFakeDeliveryClient();
    const revoked = await fake.start(message);
    await revoked.revokeNow({ reason: 'sold', fallback: 'sms' });
    fake.settle(revoked, 'DELIVERED_BY_SMS');
    expect(await revoked.outcome()).toMatchObject({
      reason: 'operator',
      sms: { accepted: 'yes', receipt: 'DELIVERED' },
    });
    vi.useFakeTimers({ now: Date.now() });
    const expired = await fake.start({ ...message, messageId: '5c2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c01' });
    vi.advanceTimersByTime(60_000);
    expect(await expired.status()).toMatchObject({ phase: 'REVOKING', reason: 'expired' });
    expect(await fake.count({ pastExpiry: true })).toBe(0);
    vi.advanceTimersByTime(1);
    expect(await fake.count({ pastExpiry: true })).toBe(1);
    fake.settle(expired, 'SENT_BY_SMS');
    expect(await expired.outcome()).toMatchObject({ reason: 'expired', channel: 'SMS' });
  });
});

describe('failNext', () => {
  test('fails one call, which then has no effect', async () => {
    const fake = createFakeDeliveryClient();
    fake.failNext(error);
    await expect(fake.start(message)).rejects.toBe(error);
    expect(fake.started).toEqual([]);
    expect((await fake.start(message)).isNew).toBe(true);
  });

  test('tookEffect: the answer alone is lost', async () => {
    const fake = createFakeDeliveryClient();
    fake.failNext(error, { tookEffect: true });
    await expect(fake.start(message)).rejects.toBe(error);
    const again = await fake.start(message);
    expect(again.isNew).toBe(false);
    fake.failNext(error, { tookEffect: true });
    await expect(again.revokeNow({ reason: 'sold', fallback: 'none' })).rejects.toBe(error);
    expect(fake.changes).toEqual([
      { workflowId: again.workflowId, change: 'revokeNow', input: { reason: 'sold', fallback: 'none' } },
    ]);
  });

  test('is kept for a call: what is refused before that does not use it up', async () => {
    const fake = createFakeDeliveryClient();
    fake.failNext(error);
    await expect(fake.start({ ...message, ttl: '1h' })).rejects.toThrow(InvalidInputError);
    await expect(fake.handle(message).revokeNow({ reason: '', fallback: 'none' })).rejects.toThrow(InvalidInputError);
    await expect(fake.count()).rejects.toBe(error);
    fake.failNext(error);
    fake.failNext(error);
    await expect(fake.list().next()).rejects.toBe(error);
    await expect(fake.handle(message).status()).rejects.toBe(error);
  });
});

test('what was started and requested is what the workflow would get, and nobody can change it', async () => {
  const fake = createFakeDeliveryClient({ defaultCountry: 'DE' });
  const contentMessage = { text: 'Hello' };
  const delivery = await fake.start({
    ...message,
    agentId: 'acme@rbm.goog',
    recipient: '0151 23456789',
    contentMessage,
  });
  contentMessage.text = 'changed later';
  expect(fake.started).toEqual([
    { ...message, agentId: 'acme', recipient: '+4915123456789', contentMessage: { text: 'Hello' } },
  ]);
  const expireTime = new Date(Date.now() + 60_000);
  await delivery.changeExpiry({ expireTime });
  await delivery.cancel();
  await delivery.cancel();
  const { workflowId } = delivery;
  expect(fake.changes).toEqual([
    { workflowId, change: 'changeExpiry', input: { expireTime: expireTime.toISOString() } },
    { workflowId, change: 'cancel' },
  ]);
});

test('a filter that needs Temporal is refused, and names itself', async () => {
  const fake = createFakeDeliveryClient();
  await fake.start(message);
  await expect(fake.count({ query: "RbmAgentId = 'acme'" })).rejects.toThrow("can't select deliveries by query");
  expect(await fake.count({ agentId: 'acme@rbm.goog', query: undefined as never })).toBe(1);
});

test('an empty recipientHashKey is refused, as by the real client', () => {
  expect(() => createFakeDeliveryClient({ searchAttributes: { recipientHashKey: ' ' } })).toThrow(TypeError);
});
