import { describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../../dev/simulator/phone-behaviour.js';
import { DROPPED_SOON, deliver } from '../support/deliver.js';
import { stack } from '../support/one-stack.js';

/** Starts a delivery to a phone without RCS, so that the SMS follows at once. */
const start = (behaviour: PhoneBehaviourInput, sms: Readonly<Record<string, unknown>> = {}) =>
  deliver(stack(), {
    behaviour: { rcs: 'notRcs', ...behaviour },
    input: { ttl: '600s', fallback: { sms: { text: 'Your code is 482913', ...sms } } },
  });

describe.concurrent('the outcome of the SMS', () => {
  test('the phone gets the text once, from the sender', async () => {
    const delivery = await start({}, { text: 'Short text: the code is 482913', sender: 'ACME' });

    expect(await delivery.ended()).toMatchObject({
      outcome: 'DELIVERED_BY_SMS',
      sms: { provider: 'http', receipt: 'DELIVERED', lateness: '0s' },
    });
    expect(stack().simulator.groundTruth(delivery.phone)).toMatchObject([
      { channel: 'SMS', text: 'Short text: the code is 482913', reference: delivery.handle.workflowId },
    ]);
  });

  test('a SENT receipt and then a DELIVERED one: DELIVERED_BY_SMS', async () => {
    const delivery = await start({ smsReceipt: 'sentThenDelivered', smsReceiptDelay: '1s' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
  });

  test('a receipt that comes before the gateway’s answer counts', async () => {
    const delivery = await start({ sms: { delay: '3s', effectDelay: 0 }, smsReceiptDelay: 0 });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(delivery.truth.sms).toBe(1);
  });

  test('an UNDELIVERED receipt: UNDELIVERABLE', async () => {
    const delivery = await start({ smsReceipt: 'undelivered' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE', channel: null });
  });

  test('a DELIVERED receipt after an UNDELIVERED: DELIVERED_BY_SMS', async () => {
    const delivery = await start({ smsReceipt: 'undeliveredThenDelivered', smsReceiptDelay: '200ms' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { receipt: 'DELIVERED' } });
    expect(delivery.truth.sms).toBe(1);
  });

  test('no receipt in time: SENT_BY_SMS', async () => {
    const delivery = await start({ smsReceipt: 'none' }, { receiptTimeout: '2s' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'SENT_BY_SMS', channel: 'SMS' });
  });

  test('refused by the gateway: UNDELIVERABLE, and no second request', async () => {
    const delivery = await start({ sms: 400 });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE' });
    expect(delivery.truth.smsRequests).toHaveLength(1);
  });

  test('refused by the gateway while the revocation is inconclusive: UNCERTAIN', async () => {
    const behaviour = { rcs: 'offline', delete: 503, sms: 400, events: { ttlEvent: 'none' } } as const;
    const delivery = await deliver(stack(), { behaviour, input: { revocation: DROPPED_SOON } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNCERTAIN' });
  });

  test('the gateway takes nothing while the SMS is of use: UNDELIVERABLE', async () => {
    const delivery = await start({ sms: 429 }, { validity: '4s' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE' });
    expect(delivery.truth.sms).toBe(0);
  });
});

describe.concurrent('a gateway that fails and then succeeds sends one SMS', () => {
  test.each<[string, NonNullable<PhoneBehaviourInput['sms']>]>([
    ['429', [429, 'ok']],
    ['429 with Retry-After', [{ status: 429, retryAfter: 2 }, 'ok']],
    ['401', [401, 'ok']],
    ['503', [503, 503, 'ok']],
    ['an HTML page', ['html502', 'ok']],
    ['a reset', ['reset', 'ok']],
    ['accepted, but the answer is lost', ['acceptThenReset', 'acceptThenReset', 'ok']],
    ['accepted, but not answered', ['acceptThenHang', 'ok']],
    ['accepted, and the answer breaks off', ['truncated']],
  ])('%s', async (_title, sms) => {
    const delivery = await start({ sms, smsReceiptDelay: '1s' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', duplicate: false });
    expect(delivery.truth).toMatchObject({ sms: 1, smsDelivered: 1 });
  });
});

test('a receipt with a wrong signature changes nothing', async () => {
  const delivery = await start({ smsReceipt: 'none' }, { receiptTimeout: '3s' });
  await delivery.inPhase('AWAITING_SMS_RECEIPT');

  const answer = await fetch(`${stack().webhookUrl}/webhooks/sms/http`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
    },
    body: JSON.stringify({
      reference: delivery.handle.workflowId,
      status: 'DELIVERED',
      sendTime: '2026-01-02T03:04:05Z',
    }),
  });

  expect(answer.status).toBe(401);
  expect(await delivery.ended()).toMatchObject({ outcome: 'SENT_BY_SMS' });
});
