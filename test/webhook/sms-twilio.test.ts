import { describe, expect, test } from 'vitest';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { DELIVERY, PHONE, post, WORKFLOW_ID } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const AUTH_TOKEN = 'twilio-auth-token';
const PUBLIC_URL = 'https://hooks.example.com/rcs';
const SID = `SM${'0'.repeat(32)}`;
const PARAMS = { MessageSid: SID, MessageStatus: 'delivered', To: PHONE, From: '+15550109999', AccountSid: 'AC1' };
const query = (reference: string) => `/webhooks/sms/twilio?reference=${encodeURIComponent(reference)}`;

const start = (
  options: Partial<{ authTokens: string[]; publicUrl: string }> = {},
  changes: Parameters<typeof startWebhook>[0] = {},
) => startWebhook({ sms: { twilio: { authTokens: [AUTH_TOKEN], publicUrl: PUBLIC_URL, ...options } }, ...changes });

interface Call {
  readonly path?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly signedUrl?: string;
}
function send(
  url: string,
  { path = query(WORKFLOW_ID), params = PARAMS, token = AUTH_TOKEN, signedUrl = PUBLIC_URL + path }: Call = {},
) {
  const signature = getExpectedTwilioSignature(token, signedUrl, params);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature };
  return post(url + path, { body: new URLSearchParams(params).toString(), headers });
}

test.each([
  ['sent', 'SENT'],
  ['delivered', 'DELIVERED'],
  ['read', 'DELIVERED'],
  ['undelivered', 'UNDELIVERED'],
  ['failed', 'UNDELIVERED'],
  ['canceled', 'UNDELIVERED'],
  ['partially_delivered', 'SENT'],
  ['Delivered', 'DELIVERED'],
  [' UNDELIVERED ', 'UNDELIVERED'],
])('a callback %s becomes the signal smsStatus %s', async (MessageStatus, status) => {
  const { url, deliveries } = await start();
  const before = Date.now();
  expect((await send(url, { params: { ...PARAMS, MessageStatus } })).status).toBe(200);
  const [signal] = deliveries.signals;
  expect(signal).toMatchObject({
    workflowId: WORKFLOW_ID,
    name: 'smsStatus',
    payload: { eventId: `${SID}:${MessageStatus.trim().toLowerCase()}`, status },
  });
  const payload = signal?.payload as { sendTime: string } | undefined;
  expect(Date.parse(payload?.sendTime ?? 'none')).toBeGreaterThanOrEqual(before);
});

test.each(['queued', 'accepted', 'sending', 'scheduled', 'receiving', 'received', 'toString', ''])(
  'a callback %j changes nothing',
  async (MessageStatus) => {
    const { url, deliveries, counted } = await start();
    expect((await send(url, { params: { ...PARAMS, MessageStatus } })).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsTwilio', verdict: 'ignored' })).toBe(1);
  },
);

test('a SID that is none does not reach the history', async () => {
  const { url, deliveries } = await start();
  expect((await send(url, { params: { ...PARAMS, MessageSid: PHONE } })).status).toBe(200);
  expect(deliveries.signals).toMatchObject([{ payload: { eventId: 'unusable-id:delivered' } }]);
});

describe('21610: the person stopped the SMS of this sender', () => {
  const STOPPED = { ...PARAMS, MessageStatus: 'failed', ErrorCode: '21610' };

  test('is recorded as an opt-out from SMS, after the receipt, once', async () => {
    const { url, deliveries, optOuts, counted, logs } = await start();
    const before = Date.now();
    for (let time = 0; time < 3; time += 1) expect((await send(url, { params: STOPPED })).status).toBe(200);
    expect(deliveries.signals).toMatchObject([{ name: 'smsStatus', payload: { status: 'UNDELIVERED' } }]);
    expect(optOuts.said).toMatchObject([
      {
        said: 'optOut',
        person: { agentId: DELIVERY.agentId, recipient: PHONE, channel: 'sms' },
        entry: { source: 'sms:twilio 21610', eventId: `${SID}:failed` },
      },
    ]);
    expect(Date.parse(optOuts.said[0]?.entry.sendTime ?? '')).toBeGreaterThanOrEqual(before);
    expect(await counted({ source: 'smsTwilio', kind: 'sms:optedOut', verdict: 'recorded' })).toBe(1);
    expect(await counted({ source: 'smsTwilio', kind: 'sms:optedOut', verdict: 'repeated' })).toBe(2);
    expect(logs()).not.toContain(PHONE.slice(1));
  });

  test.each([`rcs:${PHONE}`, `whatsapp:${PHONE}`, ` ${PHONE} `, `RCS: ${PHONE}`])('also of %j', async (To) => {
    const { url, optOuts, logs } = await start();
    expect((await send(url, { params: { ...STOPPED, To } })).status).toBe(200);
    expect(optOuts.said).toMatchObject([{ person: { recipient: PHONE, channel: 'sms' } }]);
    expect(logs()).not.toContain(PHONE.slice(1));
  });

  test.each(['rcs:acme', PHONE.slice(1), ''])('is warned of once a minute if it has no number: %j', async (To) => {
    const { url, optOuts, counted, logs } = await start();
    for (let time = 0; time < 2; time += 1) expect((await send(url, { params: { ...STOPPED, To } })).status).toBe(200);
    expect(optOuts.calls).toBe(0);
    expect(await counted({ source: 'smsTwilio', kind: 'sms:optedOut', verdict: 'incomplete' })).toBe(2);
    expect(logs().match(/an opt-out from SMS is lost: the receipt has no E\.164 number/g)).toHaveLength(1);
    expect(logs()).not.toContain(PHONE.slice(1));
  });

  test('also if its delivery has closed', async () => {
    const { url, deliveries, optOuts } = await start();
    deliveries.answer(DELIVERY, 'closed');
    expect((await send(url, { params: STOPPED })).status).toBe(200);
    expect(optOuts.said).toHaveLength(1);
  });

  test('is not acknowledged until it is durable, and the delivery gets its receipt all the same', async () => {
    const { url, deliveries, optOuts, counted, logs } = await start();
    optOuts.failure = new TypeError(PHONE);
    expect((await send(url, { params: STOPPED })).status).toBe(503);
    expect(deliveries.signals).toHaveLength(1);
    expect(await counted({ kind: 'sms:optedOut', verdict: 'unavailable' })).toBe(1);
    expect(logs()).not.toContain(PHONE.slice(1));
    optOuts.failure = undefined;
    expect((await send(url, { params: STOPPED })).status).toBe(200);
    expect([deliveries.signals.length, optOuts.said.length]).toEqual([1, 1]);
  });

  test.each([
    ['another error', { ...STOPPED, ErrorCode: '30003' }, {}],
    ['a word of every object', { ...STOPPED, ErrorCode: 'toString' }, {}],
    ['no number', { ...STOPPED, To: 'rcs:acme' }, {}],
    ['a reference of somebody else', STOPPED, { path: query('order:1') }],
  ])('%s records nothing', async (_, params, call) => {
    const { url, optOuts } = await start();
    expect((await send(url, { params, ...call })).status).toBe(200);
    expect(optOuts.calls).toBe(0);
  });

  test('is counted if nobody records opt-outs', async () => {
    const { url, deliveries, counted } = await start({}, { optOuts: undefined });
    expect((await send(url, { params: STOPPED })).status).toBe(200);
    expect(deliveries.signals).toHaveLength(1);
    expect(await counted({ kind: 'sms:optedOut', verdict: 'notActedOn' })).toBe(1);
  });
});

describe('the signature', () => {
  test('while a token is rotated, both are taken', async () => {
    const { url } = await start({ authTokens: [AUTH_TOKEN, 'old-token'] });
    expect((await send(url)).status).toBe(200);
    expect((await send(url, { token: 'old-token' })).status).toBe(200);
    expect((await send(url, { token: 'retired' })).status).toBe(401);
  });

  test.each(['https://hooks.example.com/', 'http://10.0.0.1:8080', 'https://hooks.example.com:8443/a/b/'])(
    'is made for the public URL, whatever address we listen on: %s',
    async (publicUrl) => {
      const { url, deliveries } = await start({ publicUrl });
      const signedUrl = publicUrl.replace(/\/$/, '') + query(WORKFLOW_ID);
      expect((await send(url, { signedUrl })).status).toBe(200);
      expect((await send(url, { signedUrl: url + query(WORKFLOW_ID) })).status).toBe(401);
      expect(deliveries.signals).toHaveLength(1);
    },
  );

  test('covers the reference and the parameters', async () => {
    const { url, deliveries } = await start();
    const other = query(WORKFLOW_ID.replace('acme', 'evil'));
    expect((await send(url, { path: other, signedUrl: PUBLIC_URL + query(WORKFLOW_ID) })).status).toBe(401);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': getExpectedTwilioSignature(AUTH_TOKEN, PUBLIC_URL + query(WORKFLOW_ID), PARAMS),
    };
    const body = new URLSearchParams({ ...PARAMS, MessageStatus: 'failed' }).toString();
    expect((await post(url + query(WORKFLOW_ID), { body, headers })).status).toBe(401);
    expect(
      (await post(url + query(WORKFLOW_ID), { body, headers: { 'content-type': headers['content-type'] } })).status,
    ).toBe(401);
    expect(deliveries.calls).toBe(0);
  });

  test('is right for a reference with or without escapes', async () => {
    const { url, deliveries } = await start();
    expect((await send(url, { path: `/webhooks/sms/twilio?reference=${WORKFLOW_ID}` })).status).toBe(200);
    expect((await send(url, { path: query(WORKFLOW_ID) })).status).toBe(200);
    expect(deliveries.signals).toHaveLength(1);
  });

  test.each([
    [{ authTokens: [] }, /^authTokens must/],
    [{ authTokens: [''] }, /^authTokens must/],
    [{ publicUrl: 'hooks.example.com' }, /^publicUrl must/],
  ])('needs usable options: %j', async (options, message) => {
    await expect(start(options)).rejects.toThrow(message);
  });
});

test.each(['', `order:${PHONE}`, 'message-delivery:acme:1'])(
  'a reference that names no delivery is answered 200: %j',
  async (reference) => {
    const { url, deliveries, counted, logs } = await start();
    expect((await send(url, { path: query(reference) })).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsTwilio', verdict: 'foreign' })).toBe(1);
    expect(logs()).not.toContain(PHONE.slice(1));
  },
);

test.each([
  ['closed', 200],
  ['unknown', 200],
  ['down', 503],
] as const)('a delivery that is %s is answered %d', async (state, status) => {
  const { url, deliveries } = await start();
  if (state === 'down') deliveries.down = true;
  else deliveries.answer(DELIVERY, state);
  expect((await send(url)).status).toBe(status);
});
