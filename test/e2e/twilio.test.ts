import { describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import { deliver } from './support/deliver.js';
import { useStack } from './support/use-stack.js';

const stack = useStack({ smsProvider: 'twilio' });

/** Starts a delivery to a phone without RCS, so that the SMS follows at once. */
const start = (behaviour: PhoneBehaviourInput, sms: Readonly<Record<string, unknown>> = {}) =>
  deliver(stack(), {
    behaviour: { rcs: 'notRcs', ...behaviour },
    input: { ttl: '600s', fallback: { sms: { text: 'Your code is 482913', sender: '+15550109999', ...sms } } },
  });

describe.concurrent('Twilio', () => {
  test('phone offline: revoked, then the SMS, and its status callback settles the delivery', async () => {
    const fallback = { sms: { text: 'Your code is 482913', sender: '+15550109999' } };
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { fallback } });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { provider: 'twilio', receipt: 'DELIVERED' } });
    expect(result.sms?.providerMessageId).toMatch(/^SM/);
    expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'delete' });
  });

  test('a `sent` callback and then a `delivered` one: DELIVERED_BY_SMS', async () => {
    const delivery = await start({ smsReceipt: 'sentThenDelivered' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
  });

  test('an `undelivered` callback: UNDELIVERABLE', async () => {
    const delivery = await start({ smsReceipt: 'undelivered' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE', sms: { receipt: 'UNDELIVERED' } });
  });

  test('Twilio refuses the number: UNDELIVERABLE, and no second request', async () => {
    const delivery = await start({ sms: { status: 400, code: 21610 } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE' });
    expect(delivery.truth.smsRequests).toHaveLength(1);
  });

  test('neither the message nor the worker has a sender, while the SMS is of use: UNDELIVERABLE', async () => {
    const delivery = await start({}, { sender: undefined, validity: '4s' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE' });
    expect(delivery.truth.sms).toBe(0);
  });

  test('429 with Retry-After: the next request waits that long', async () => {
    const delivery = await start({ sms: [{ status: 429, code: 20429, retryAfter: 2 }, 'ok'] });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    const [refused, taken] = delivery.truth.smsRequests;
    expect(taken?.at).toBeGreaterThanOrEqual((refused?.at ?? Infinity) + 2_000);
  });

  test('accepted, answer lost: the receipt proves it, and nothing is sent again', async () => {
    const delivery = await start({ sms: ['acceptThenReset', 'ok'] });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(delivery.truth).toMatchObject({ sms: 1, smsDelivered: 1 });
    expect(delivery.truth.smsRequests).toHaveLength(1);
  });

  test('accepted, answer lost, no receipt: Twilio is asked for the message, and nothing is sent again', async () => {
    const delivery = await start({ sms: ['acceptThenReset', 'ok'], smsReceipt: 'none' }, { receiptTimeout: '1s' });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'SENT_BY_SMS', sms: { provider: 'twilio' } });
    expect(result.sms?.providerMessageId).toMatch(/^SM/);
    expect(result.timeline.map(({ event, detail }) => `${event} ${detail ?? ''}`)).toContain('smsReconciled yes');
    expect(delivery.truth.smsRequests).toHaveLength(1);
  });

  test('the request is lost: it is sent again only after Twilio has said that it has no such message', async () => {
    const delivery = await start({ sms: ['reset', 'ok'] });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(result.timeline.map(({ event, detail }) => `${event} ${detail ?? ''}`)).toContain('smsReconciled no');
    expect(delivery.truth).toMatchObject({ sms: 1, smsDelivered: 1 });
    expect(delivery.truth.smsRequests).toHaveLength(2);
  });

  test('a callback with a wrong signature is refused', async () => {
    const answer = await fetch(`${stack().webhookUrl}/webhooks/sms/twilio?reference=x`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'AAAA' },
      body: 'MessageSid=SM1&MessageStatus=delivered',
    });

    expect(answer.status).toBe(401);
  });
});
