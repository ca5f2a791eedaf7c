import { describe, expect, test, vi } from 'vitest';
import { UnreadableResultError, type ClosedResult } from '../../src/webhook/closed-result.js';
import {
  AGENT,
  DELIVERY,
  deliveredEvent,
  launchEvent,
  MESSAGE_ID,
  OTHER_PHONE,
  PHONE,
  unsubscribeEvent,
  userMessage,
  USER_TEXT,
  WORKFLOW_ID,
} from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';
import { WAIT } from '../support/wait.js';

describe('an event of a delivery becomes its signal', () => {
  test.each([
    ['DELIVERED', 'delivered', 'delivered'],
    ['READ', 'read', 'read'],
    ['TTL_EXPIRATION_REVOKED', 'ttlExpirationRevoked', 'ttlExpirationRevoked'],
    ['TTL_EXPIRATION_REVOKE_FAILED', 'ttlExpirationRevokeFailed', 'ttlExpirationRevokeFailed'],
    ['TTL_SOMETHING_NEW', 'ttlExpirationRevokeFailed', 'ttlExpirationRevokeFailed'],
  ])('%s → %s', async (eventType, name, kind) => {
    const { send, deliveries, counted } = await startWebhook();
    expect((await send(deliveredEvent({ eventType }))).status).toBe(200);
    const payload = { eventId: 'evt-1', sendTime: '2026-01-02T03:04:05.678Z', from: PHONE };
    expect(deliveries.signals).toEqual([{ workflowId: WORKFLOW_ID, name, payload }]);
    expect(await counted({ source: 'rbm', kind, verdict: 'signalled' })).toBe(1);
  });

  test('a server event names the phone in another field', async () => {
    const { send, deliveries } = await startWebhook();
    const eventType = 'TTL_EXPIRATION_REVOKED';
    await send(deliveredEvent({ eventType, senderPhoneNumber: undefined, phoneNumber: ` ${PHONE}\n` }));
    expect(deliveries.signals[0]?.payload).toMatchObject({ from: PHONE });
  });

  test.each([undefined, null, '', '  ', 15550100001, { number: PHONE }, '+'.repeat(65)])(
    'a number that can not be read is left out: %j',
    async (senderPhoneNumber) => {
      const { send, deliveries } = await startWebhook();
      expect((await send(deliveredEvent({ senderPhoneNumber }))).status).toBe(200);
      expect(deliveries.signals).toHaveLength(1);
      expect(deliveries.signals[0]?.payload).not.toHaveProperty('from');
    },
  );

  test('a messageId in capitals names the same delivery', async () => {
    const { send, deliveries } = await startWebhook();
    await send(deliveredEvent({ messageId: MESSAGE_ID.toUpperCase() }));
    expect(deliveries.signals[0]?.workflowId).toBe(WORKFLOW_ID);
  });

  test('without eventId and sendTime, the kind and the time of receipt are used', async () => {
    const { send, deliveries } = await startWebhook();
    const before = Date.now();
    await send(deliveredEvent({ eventId: undefined, sendTime: undefined }));
    const payload = deliveries.signals[0]?.payload as { eventId: string; sendTime: string };
    expect(payload.eventId).toBe(`delivered:${MESSAGE_ID}`);
    expect(Date.parse(payload.sendTime)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(payload.sendTime)).toBeLessThanOrEqual(Date.now());
  });
});

describe('an event that is not about a delivery is answered 200 without asking Temporal', () => {
  test.each([
    ['typing', deliveredEvent({ eventType: 'IS_TYPING', messageId: undefined })],
    ['other', deliveredEvent({ eventType: 'EVENT_TYPE_UNSPECIFIED' })],
    ['other', deliveredEvent({ messageId: 'not-a-uuid' })],
    ['other', { eventId: 'x', agentId: AGENT, botDisplayName: 'Acme' }],
    ['agentLaunch', launchEvent()],
    ['userMessage', userMessage()],
  ])('%s', async (kind, event) => {
    const { send, deliveries, counted } = await startWebhook();
    expect((await send(event)).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ kind, verdict: 'notConsumed' })).toBe(1);
  });

  test('an agent outside the allow-list', async () => {
    const { send, deliveries, counted } = await startWebhook({
      rbm: { clientTokens: ['test-client-token'], agents: ['other-agent@rbm.goog', 'third'] },
    });
    expect((await send(deliveredEvent())).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ kind: 'delivered', verdict: 'foreignAgent' })).toBe(1);
    expect((await send(deliveredEvent({ agentId: 'other-agent' }))).status).toBe(200);
    expect(deliveries.signals).toHaveLength(1);
  });
});

describe('an event that a repetition can not help is answered 200', () => {
  test.each(['closed', 'unknown', 'refused'] as const)('a delivery that is %s', async (result) => {
    const { send, deliveries, counted } = await startWebhook();
    deliveries.answer(DELIVERY, result);
    expect((await send(deliveredEvent())).status).toBe(200);
    expect(await counted({ kind: 'delivered', verdict: result })).toBe(1);
  });

  test.each([
    ['not JSON', Buffer.from('{"a":')],
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0x7b])],
    ['no object', Buffer.from('[1,2]')],
    ['nothing at all', Buffer.alloc(0)],
    ['without an agent', Buffer.from(JSON.stringify(deliveredEvent({ agentId: undefined })))],
    ['10,000 levels deep', Buffer.from('['.repeat(10_000) + ']'.repeat(10_000))],
  ])('a signed event that can not be read: %s', async (_, data) => {
    const { send, deliveries, counted } = await startWebhook();
    expect((await send(data)).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ verdict: 'unreadable' })).toBe(1);
  });
});

describe('DELIVERED after the workflow is closed', () => {
  const late = { name: 'rcs_webhook_late_duplicates_total' };

  test.each(['SENT_BY_SMS', 'DELIVERED_BY_SMS'] as const)(
    'with %s is counted as a duplicate, once',
    async (outcome) => {
      const { send, deliveries, counted, logs } = await startWebhook();
      deliveries.answer(DELIVERY, 'closed', { outcome, duplicate: false });
      const lookups = vi.spyOn(deliveries, 'closedResult');
      await send(deliveredEvent());
      await send(deliveredEvent({ eventId: 'evt-2' }));
      await vi.waitFor(async () => {
        expect(await counted({}, late.name)).toBe(1);
      }, WAIT);
      expect(logs()).toContain('delivered by RCS after the SMS');
      expect(await counted({ verdict: 'closed' })).toBe(2);
      expect(lookups).toHaveBeenCalledTimes(1);
    },
  );

  test.each([
    ['without an SMS', { outcome: 'DELIVERED', duplicate: false }],
    ['already known as a duplicate', { outcome: 'DELIVERED_BY_SMS', duplicate: true }],
    ['without a result', undefined],
  ] as const)('%s is not', async (_, closed) => {
    const { send, deliveries, counted } = await startWebhook();
    deliveries.answer(DELIVERY, 'closed', closed);
    expect((await send(deliveredEvent())).status).toBe(200);
    const other = { ...DELIVERY, messageId: '1b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21' };
    deliveries.answer(other, 'closed', { outcome: 'SENT_BY_SMS', duplicate: false });
    await send(deliveredEvent({ messageId: other.messageId }));
    // The second look-up starts after the first: once it is counted, the first is done.
    await vi.waitFor(async () => {
      expect(await counted({}, late.name)).toBe(1);
    }, WAIT);
  });

  const sms = { requestedTime: '', deadline: '', lateness: '0s', validUntil: '' };

  test.each<readonly [number, string, Omit<ClosedResult, 'duplicate' | 'outcome'>]>([
    [0, 'no SMS asked for', {}],
    [0, 'an SMS refused', { sms: { ...sms, accepted: 'no', provider: 'twilio' } }],
    [0, 'an SMS that did not arrive', { sms: { ...sms, accepted: 'yes', receipt: 'UNDELIVERED' } }],
    [0, 'an SMS that was never sent', { sms: { ...sms, accepted: 'no' } }],
    [1, 'an SMS accepted', { sms: { ...sms, accepted: 'yes', providerMessageId: 'SM1' } }],
    [1, 'an SMS with a receipt', { sms: { ...sms, accepted: 'yes', receipt: 'SENT' } }],
    [1, 'an SMS that perhaps was sent', { sms: { ...sms, accepted: 'unknown' } }],
  ])('uncertain or cancelled counts %d times with %s', async (times, _, rest) => {
    const { send, deliveries, counted } = await startWebhook();
    const ended = (n: number, result: ClosedResult) => {
      const messageId = `${String(n)}b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21`;
      deliveries.answer({ ...DELIVERY, messageId }, 'closed', result);
      return send(deliveredEvent({ messageId }));
    };
    await ended(1, { outcome: 'UNCERTAIN', duplicate: false, ...rest });
    await ended(2, { outcome: 'CANCELLED', duplicate: false, ...rest });
    await ended(3, { outcome: 'SENT_BY_SMS', duplicate: false });
    await expect.poll(() => counted({}, late.name)).toBe(2 * times + 1);
  });

  test('READ and a reply prove it as well; a delivery is counted once, however many events prove it', async () => {
    const { send, deliveries, counted } = await startWebhook();
    const lookups = vi.spyOn(deliveries, 'closedResult');
    const other = { ...DELIVERY, messageId: '1b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21' };
    for (const one of [DELIVERY, other]) deliveries.answer(one, 'closed', { outcome: 'SENT_BY_SMS', duplicate: false });
    await send(deliveredEvent({ eventType: 'READ' }));
    await expect.poll(() => counted({}, late.name)).toBe(1);
    await send(deliveredEvent());
    await send(userMessage({ suggestionResponse: { postbackData: MESSAGE_ID } }));
    await send(userMessage({ suggestionResponse: { postbackData: other.messageId } }));
    await expect.poll(() => counted({}, late.name)).toBe(2);
    expect(lookups).toHaveBeenCalledTimes(2);
  });

  describe("is not, from another number than the recipient's", () => {
    const startClosed = async () => {
      const rig = await startWebhook();
      rig.deliveries.answer(DELIVERY, 'closed', { outcome: 'SENT_BY_SMS', duplicate: false });
      return { ...rig, recipients: vi.spyOn(rig.deliveries, 'recipient') };
    };

    test.each([
      ['DELIVERED', deliveredEvent({ senderPhoneNumber: OTHER_PHONE })],
      ['READ', deliveredEvent({ senderPhoneNumber: OTHER_PHONE, eventType: 'READ' })],
      ['a reply', userMessage({ senderPhoneNumber: OTHER_PHONE, suggestionResponse: { postbackData: MESSAGE_ID } })],
    ])("%s; the recipient's own event still is", async (_, event) => {
      const { send, counted, recipients } = await startClosed();
      await send(event);
      await expect.poll(() => recipients.mock.settledResults.length).toBe(1);
      expect(await counted({}, late.name)).toBe(0);
      await send(deliveredEvent());
      await expect.poll(() => counted({}, late.name)).toBe(1);
      await send(event);
      await send(deliveredEvent({ senderPhoneNumber: undefined }));
      expect(await counted({}, late.name)).toBe(1);
      expect(recipients).toHaveBeenCalledTimes(2);
    });

    test.each([undefined, `tel:${PHONE}`, 'unknown'])('but is with the number %j', async (senderPhoneNumber) => {
      const { send, counted } = await startClosed();
      await send(deliveredEvent({ senderPhoneNumber }));
      await expect.poll(() => counted({}, late.name)).toBe(1);
    });

    test('simultaneous events of several senders are counted once', async () => {
      const { send, counted, recipients } = await startClosed();
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      recipients.mockImplementation(() => held.then(() => PHONE));
      for (const senderPhoneNumber of [PHONE, `tel:${PHONE}`, OTHER_PHONE])
        await send(deliveredEvent({ senderPhoneNumber }));
      await expect.poll(() => recipients.mock.calls.length).toBe(3);
      release();
      await expect.poll(() => recipients.mock.settledResults.length).toBe(3);
      await expect.poll(() => counted({}, late.name)).toBe(1);
    });

    test('if its input can not be read, it is counted as not looked at', async () => {
      const { send, deliveries, counted, logs } = await startClosed();
      deliveries.sentTo(DELIVERY, undefined);
      await send(deliveredEvent());
      await expect.poll(() => counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(1);
      expect(await counted({}, late.name)).toBe(0);
      expect(logs()).toContain('PAYLOAD_ENCRYPTION_KEYS');
    });

    test('a number that can not be fetched is asked for again with the next proof', async () => {
      const { send, counted, recipients } = await startClosed();
      recipients.mockRejectedValueOnce(new Error('unavailable'));
      await send(deliveredEvent());
      await expect.poll(() => counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(1);
      await send(deliveredEvent({ eventType: 'READ' }));
      await expect.poll(() => counted({}, late.name)).toBe(1);
    });
  });

  test('many at one time are all counted', async () => {
    const { send, deliveries, counted } = await startWebhook();
    const ids = Array.from({ length: 50 }, (_, n) => `0b2f6d0e-3c1f-4a57-9d8e-${String(n).padStart(12, '0')}`);
    for (const messageId of ids)
      deliveries.answer({ ...DELIVERY, messageId }, 'closed', { outcome: 'SENT_BY_SMS', duplicate: false });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const lookUp = deliveries.closedResult.bind(deliveries);
    deliveries.closedResult = (delivery) => held.then(() => lookUp(delivery));
    await Promise.all(ids.map((messageId) => send(deliveredEvent({ messageId }))));
    release();
    await expect.poll(() => counted({}, late.name)).toBe(50);
    expect(await counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(0);
  });

  test('a failed look-up is counted, and tried again with the next proof', async () => {
    const { send, deliveries, counted } = await startWebhook();
    deliveries.answer(DELIVERY, 'closed', { outcome: 'SENT_BY_SMS', duplicate: false });
    vi.spyOn(deliveries, 'closedResult').mockRejectedValueOnce(new Error('unavailable'));
    await send(deliveredEvent());
    await expect.poll(() => counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(1);
    await send(deliveredEvent({ eventType: 'READ' }));
    await expect.poll(() => counted({}, late.name)).toBe(1);
  });

  test('unreadable results are each counted, and warned about in one line', async () => {
    const { send, deliveries, counted, logs } = await startWebhook();
    deliveries.closedResult = () => Promise.reject(new UnreadableResultError('ValueError'));
    const ids = [1, 2, 3].map((n) => `${String(n)}b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21`);
    for (const messageId of ids) {
      deliveries.answer({ ...DELIVERY, messageId }, 'closed');
      await send(deliveredEvent({ messageId }));
    }
    await expect.poll(() => counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(3);
    expect(logs().match(/"level":40.*can not be read/g)).toHaveLength(1);
  });

  test('once the server is closed no look-up starts', async () => {
    const { app, send, deliveries, counted } = await startWebhook();
    const ends: (() => void)[] = [];
    deliveries.closedResult = () =>
      new Promise((resolve) =>
        ends.push(() => {
          resolve(undefined);
        }),
      );
    const ids = Array.from({ length: 10 }, (_, n) => `0b2f6d0e-3c1f-4a57-9d8e-${String(n).padStart(12, '0')}`);
    for (const messageId of ids) deliveries.answer({ ...DELIVERY, messageId }, 'closed');
    await Promise.all(ids.map((messageId) => send(deliveredEvent({ messageId }))));
    expect(ends).toHaveLength(4);
    await app.close();
    for (const end of ends) end();
    await expect.poll(() => counted({}, 'rcs_webhook_late_not_looked_at_total')).toBe(6);
    expect(ends).toHaveLength(4);
  });

  test('the look-up never delays the answer', async () => {
    const { send, deliveries } = await startWebhook();
    deliveries.answer(DELIVERY, 'closed', { outcome: 'SENT_BY_SMS', duplicate: false });
    deliveries.closedResult = () => new Promise(() => undefined);
    expect((await send(deliveredEvent())).status).toBe(200);
  });
});

test('no number, text or token is in a log line or a metric', async () => {
  const { send, deliveries, optOuts, logs, metrics, url } = await startWebhook();
  await send(deliveredEvent());
  await send(userMessage({ suggestionResponse: { postbackData: `${USER_TEXT} ${MESSAGE_ID}` } }));
  await send(deliveredEvent({ eventType: 'READ' }), 'wrong-token');
  await send(unsubscribeEvent());
  await send(userMessage({ text: 'stop', senderPhoneNumber: `${PHONE} ${USER_TEXT}` }));
  await send(launchEvent());
  await send(launchEvent({ newLaunchState: USER_TEXT, oldLaunchState: PHONE, regionId: PHONE, agentId: `${PHONE}x` }));
  optOuts.failure = new Error(`${PHONE} ${USER_TEXT}`);
  await send(unsubscribeEvent({ eventId: PHONE, eventType: 'SUBSCRIBE' }));
  deliveries.down = true;
  await send(deliveredEvent({ eventType: 'TTL_X', messageId: '2b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21' }));
  await fetch(`${url}/webhooks/rbm?from=${encodeURIComponent(PHONE)}&x=${USER_TEXT}`);
  await fetch(`${url}/nowhere/${PHONE}`);
  const written = logs() + (await metrics());
  expect(logs()).toContain('opt-out event not stored');
  expect(logs()).toContain('"event not stored');
  for (const marked of [PHONE.slice(1), USER_TEXT, 'test-client-token', 'wrong-token']) {
    expect(written).not.toContain(marked);
  }
});
