import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signStandardWebhook } from '../../src/http/standard-webhooks.js';
import { DELIVERY, PHONE, post, WORKFLOW_ID, type Answer } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0';
const RECEIPT = { reference: WORKFLOW_ID, status: 'DELIVERED', sendTime: '2026-01-02T03:04:05Z' };

const start = (secrets = [SECRET]) => startWebhook({ sms: { http: { secrets } } });

interface Signing {
  readonly secret?: string;
  readonly id?: string;
  /** Milliseconds from now. */
  readonly signedAt?: number;
}
function send(
  url: string,
  receipt: unknown,
  { secret = SECRET, id = 'msg_1', signedAt = 0 }: Signing = {},
): Promise<Answer> {
  const body = typeof receipt === 'string' ? receipt : JSON.stringify(receipt);
  const headers = {
    'content-type': 'application/json',
    ...signStandardWebhook({ secret, id, body, timestamp: Date.now() + signedAt }),
  };
  return post(`${url}/webhooks/sms/http`, { body, headers });
}

test.each(['SENT', 'DELIVERED', 'UNDELIVERED'])('a receipt %s becomes the signal smsStatus', async (status) => {
  const { url, deliveries, counted } = await start();
  expect((await send(url, { ...RECEIPT, status })).status).toBe(200);
  const payload = { eventId: 'msg_1', sendTime: '2026-01-02T03:04:05Z', status };
  expect(deliveries.signals).toEqual([{ workflowId: WORKFLOW_ID, name: 'smsStatus', payload }]);
  expect(await counted({ source: 'smsHttp', kind: `sms:${status}`, verdict: 'signalled' })).toBe(1);
});

test.each([
  ['delivered', 'DELIVERED'],
  [' Delivered\n', 'DELIVERED'],
  ['DELIVRD', 'DELIVERED'],
  ['UNDELIV', 'UNDELIVERED'],
  ['FAILED', 'UNDELIVERED'],
  ['rejected', 'UNDELIVERED'],
  ['EXPIRED', 'UNDELIVERED'],
  ['Canceled', 'UNDELIVERED'],
  ['ACCEPTD', 'SENT'],
])('the word %j is understood as %s', async (word, status) => {
  const { url, deliveries } = await start();
  expect((await send(url, { ...RECEIPT, status: word })).status).toBe(200);
  expect(deliveries.signals).toMatchObject([{ payload: { status } }]);
});

test.each([
  WORKFLOW_ID.replace(DELIVERY.messageId, DELIVERY.messageId.toUpperCase()),
  ` ${WORKFLOW_ID}`,
  `${WORKFLOW_ID}\r\n`,
])('the reference %j names its delivery', async (reference) => {
  const { url, deliveries } = await start();
  expect((await send(url, { ...RECEIPT, reference })).status).toBe(200);
  expect(deliveries.signals).toMatchObject([{ workflowId: WORKFLOW_ID }]);
});

test('an id with a phone number in it does not reach the history', async () => {
  const { url, deliveries } = await start();
  expect((await send(url, RECEIPT, { id: PHONE })).status).toBe(200);
  expect(deliveries.signals).toMatchObject([{ payload: { eventId: 'unusable-id' } }]);
});

test('a receipt that comes after its delivery has settled is counted by its status, once', async () => {
  const { url, deliveries, counted } = await start();
  deliveries.answer(DELIVERY, 'closed');
  for (const id of ['msg_1', 'msg_2']) expect((await send(url, RECEIPT, { id })).status).toBe(200);
  expect((await send(url, { ...RECEIPT, status: 'SENT' })).status).toBe(200);
  const name = 'rcs_webhook_late_receipts_total';
  expect(await counted({ status: 'DELIVERED' }, name)).toBe(1);
  expect(await counted({ status: 'SENT' }, name)).toBe(1);
  expect(await counted({ status: 'UNDELIVERED' }, name)).toBe(0);
});

test.each([undefined, 'yesterday', 12])(
  'a sendTime that is none gives way to the time of receipt (%j)',
  async (sendTime) => {
    const { url, deliveries } = await start();
    const before = Date.now();
    expect((await send(url, { ...RECEIPT, sendTime })).status).toBe(200);
    const payload = deliveries.signals[0]?.payload as { sendTime: string } | undefined;
    expect(Date.parse(payload?.sendTime ?? 'none')).toBeGreaterThanOrEqual(before);
  },
);

describe('the signature', () => {
  test('while a secret is rotated, both are taken', async () => {
    const { url } = await start([SECRET, OLD_SECRET]);
    expect((await send(url, RECEIPT)).status).toBe(200);
    expect((await send(url, { ...RECEIPT, status: 'SENT' }, { secret: OLD_SECRET })).status).toBe(200);
  });

  test.each([
    ['of another secret', { secret: OLD_SECRET }],
    ['older than the window', { signedAt: -301_000 }],
    ['from the future', { signedAt: 330_000 }],
  ])('%s is refused with 401', async (_, signing) => {
    const { url, deliveries, counted } = await start();
    expect((await send(url, RECEIPT, signing)).status).toBe(401);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsHttp', verdict: 'unsigned' })).toBe(1);
  });

  test('covers the body and the id', async () => {
    const { url, deliveries } = await start();
    const body = JSON.stringify(RECEIPT);
    const signed = signStandardWebhook({ secret: SECRET, id: 'msg_1', body });
    const headers = { 'content-type': 'application/json', ...signed };
    const to = `${url}/webhooks/sms/http`;
    expect((await post(to, { body: body.replace('DELIVERED', 'SENT'), headers })).status).toBe(401);
    expect((await post(to, { body, headers: { ...headers, 'webhook-id': 'msg_2' } })).status).toBe(401);
    expect((await post(to, { body, headers: { 'content-type': 'application/json' } })).status).toBe(401);
    expect(deliveries.calls).toBe(0);
  });

  test.each([[[]], [['']], [['plain']], [['whsec_***']], [[SECRET, '']]])(
    'needs usable secrets: %j',
    async (secrets) => {
      await expect(start(secrets)).rejects.toThrow(/^secrets must be/);
    },
  );
});

test.each(['svix-id', 'Svix-Id', 'SVIX-ID'])('a receipt signed under the older names is accepted: %s', async (like) => {
  const { url, deliveries } = await start();
  const body = JSON.stringify(RECEIPT);
  const cased = (name: string) =>
    like === like.toUpperCase() ? name.toUpperCase() : like === 'svix-id' ? name : titled(name);
  const signed = signStandardWebhook({ secret: SECRET, id: 'msg_svix', body });
  const older = Object.entries(signed).map(([name, value]) => [cased(name.replace('webhook-', 'svix-')), value]);
  const headers = { 'content-type': 'application/json', ...(Object.fromEntries(older) as Record<string, string>) };
  expect((await post(`${url}/webhooks/sms/http`, { body, headers })).status).toBe(200);
  expect(deliveries.signals).toMatchObject([{ payload: { eventId: 'msg_svix', status: 'DELIVERED' } }]);
});

describe('signed receipts that can not be understood are warned of by kind, and counted', () => {
  test.each([
    ['delvred', 'delvred'],
    ['MIS_ROUTED', 'MIS_ROUTED'],
    ['DELIVERED to +15550100001', undefined],
    [`DELIVERED\n${PHONE}`, undefined],
    ['', undefined],
  ])('an unknown status: %j', async (status, logged) => {
    const { url, deliveries, counted, logs } = await start();
    expect((await send(url, { ...RECEIPT, status })).status).toBe(200);
    expect((await send(url, { ...RECEIPT, status })).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsHttp', kind: 'sms:unknownStatus', verdict: 'ignored' })).toBe(2);
    const warnings = warningsIn(logs());
    expect(warnings).toMatchObject([{ source: 'smsHttp', msg: expect.stringContaining('unknown status') as string }]);
    expect(warnings[0]?.['status']).toBe(logged);
    expect(logs()).not.toContain(PHONE);
  });

  test.each([
    ['a truncated one', WORKFLOW_ID.slice(0, -1)],
    ['none', ''],
    ['another', `order:${PHONE}`],
  ])('a reference that names no delivery: %s', async (_, reference) => {
    const { url, deliveries, counted, logs } = await start();
    for (let time = 0; time < 2; time += 1) await send(url, { ...RECEIPT, reference });
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsHttp', kind: 'sms', verdict: 'foreign' })).toBe(2);
    const msg = 'a receipt has no reference of a delivery: it changes nothing';
    expect(warningsIn(logs())).toMatchObject([{ source: 'smsHttp', leftOut: 0, msg }]);
    expect(logs()).not.toMatch(/order:|message-delivery:/);
  });

  test('one kind does not hide another', async () => {
    const { url, logs } = await start();
    await send(url, { ...RECEIPT, status: 'delvred' });
    await send(url, { messages: [RECEIPT] });
    await send(url, '{');
    await send(url, { ...RECEIPT, sendTime: 12 });
    await send(url, { ...RECEIPT, reference: 'order' });
    expect(warningsIn(logs()).map(({ msg, reason }) => reason ?? msg)).toEqual([
      'a receipt has an unknown status: it changes nothing',
      'not an object with the texts reference and status',
      'the time of a receipt can not be read: the time of its arrival counts',
      'a receipt has no reference of a delivery: it changes nothing',
    ]);
  });

  test('a time that is an odd object is no error', async () => {
    const { url, deliveries } = await start();
    expect((await send(url, `{"reference":"${WORKFLOW_ID}","status":"SENT","sendTime":{"toString":1}}`)).status).toBe(
      200,
    );
    expect(deliveries.signals).toHaveLength(1);
  });
});

const titled = (name: string) => name.replace(/(^|-)[a-z]/g, (first) => first.toUpperCase());
const warningsIn = (logs: string) =>
  logs
    .split('\n')
    .filter((line) => line.includes('"level":40'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('what a repetition can not help is answered 200', () => {
  test.each([
    ['an unknown status', { ...RECEIPT, status: 'QUEUED' }, 'ignored'],
    ['a reference of another system', { ...RECEIPT, reference: `order:${PHONE}` }, 'foreign'],
    [
      'a reference that only looks like that of a delivery',
      { ...RECEIPT, reference: `message-delivery:a b:${DELIVERY.messageId}` },
      'foreign',
    ],
    ['no reference', { status: 'SENT' }, 'unreadable'],
    ['not JSON', '{"reference":', 'unreadable'],
    ['no object', '[]', 'unreadable'],
  ])('%s', async (_, receipt, verdict) => {
    const { url, deliveries, counted, logs } = await start();
    expect((await send(url, receipt)).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsHttp', verdict })).toBe(1);
    expect(logs()).not.toContain(PHONE);
  });

  test('bytes that are not UTF-8', async () => {
    const { url, deliveries, counted } = await start();
    const body = Buffer.concat([Buffer.from(JSON.stringify({ ...RECEIPT, status: 'SENT' })), Buffer.from([0xff])]);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const hmac = createHmac('sha256', Buffer.from(SECRET.slice('whsec_'.length), 'base64'));
    const signature = `v1,${hmac.update(`msg_1.${timestamp}.`).update(body).digest('base64')}`;
    const signed = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    const headers = { 'content-type': 'application/json', ...signed };
    const post = (sent: Buffer) => fetch(`${url}/webhooks/sms/http`, { method: 'POST', body: sent, headers });
    expect((await post(body)).status).toBe(200);
    expect(await counted({ source: 'smsHttp', verdict: 'unreadable' })).toBe(1);
    expect((await post(Buffer.concat([body, Buffer.from([0xfe])]))).status).toBe(401);
    expect(deliveries.calls).toBe(0);
  });

  test.each(['closed', 'unknown', 'refused'] as const)('a delivery that is %s', async (result) => {
    const { url, deliveries, counted } = await start();
    deliveries.answer(DELIVERY, result);
    expect((await send(url, RECEIPT)).status).toBe(200);
    expect(await counted({ source: 'smsHttp', verdict: result })).toBe(1);
  });
});

test('a repeated receipt is signalled once; another status is not dropped', async () => {
  const { url, deliveries } = await start();
  await send(url, { ...RECEIPT, status: 'SENT' });
  await send(url, { ...RECEIPT, status: 'SENT' });
  await send(url, RECEIPT, { id: 'msg_2' });
  expect(deliveries.signals).toHaveLength(2);
});

test('while Temporal is down a receipt is answered 503, and its repetition is stored', async () => {
  const { url, deliveries } = await start();
  deliveries.down = true;
  expect((await send(url, RECEIPT)).status).toBe(503);
  deliveries.down = false;
  expect((await send(url, RECEIPT)).status).toBe(200);
  expect(deliveries.signals).toHaveLength(1);
});

test('without a secret there is no such address', async () => {
  const { url } = await startWebhook();
  expect((await send(url, RECEIPT)).status).toBe(404);
});
