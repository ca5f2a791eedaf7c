import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { SmsReason } from '../../src/contract/failures.js';
import { SmsError } from '../../src/sms/sms-error.js';
import type { SmsRequest } from '../../src/sms/sms-provider.js';
import { createTwilioProvider, type TwilioProviderOptions } from '../../src/sms/twilio-provider.js';
import { deadUrl, html, json, rejection, reset, serve, silence, truncate, type Handler } from '../http/loopback.js';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const SERVICE = `MG${'2'.repeat(32)}`;
const SENT_AFTER = '2026-01-02T03:04:05.500Z';
const reference = 'message-delivery:acme-agent:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
const sms: SmsRequest = {
  to: '+15550100001',
  text: 'Your code is 482913 & more: é 👋',
  validitySeconds: 600,
  reference,
  idempotencyKey: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  timeoutMs: 5_000,
};

const provider = (apiUrl: string, more: Partial<TwilioProviderOptions> = {}) =>
  createTwilioProvider({ accountSid: ACCOUNT, authToken: 'auth-token', messagingServiceSid: SERVICE, apiUrl, ...more });

const [SID, FOUND, OTHER] = ['1', '7', '0'].map((digit) => `SM${digit.repeat(32)}`) as [string, string, string];
const created = { sid: SID, status: 'accepted', date_created: 'Fri, 02 Jan 2026 03:04:06 +0000', error_code: null };

async function failure(promise: Promise<unknown>): Promise<SmsError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(SmsError);
  expect((error as SmsError).message).not.toMatch(/5550100001|482913|auth-token|127\.0\.0\.1|AC1/);
  return error as SmsError;
}

describe('send', () => {
  test("is one POST in Twilio's own protocol", async () => {
    const { url, received } = await serve(json(201, created));
    const twilio = await provider(url, { statusCallbackUrl: 'https://hooks.example.org/webhooks/sms/twilio?v=1' });
    await expect(twilio.send(sms)).resolves.toEqual({ providerMessageId: SID });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      method: 'POST',
      path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
      headers: {
        authorization: `Basic ${Buffer.from(`${ACCOUNT}:auth-token`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    const form = Object.fromEntries(new URLSearchParams(received[0]?.body));
    expect(form).toEqual({
      To: sms.to,
      Body: sms.text,
      MessagingServiceSid: SERVICE,
      ValidityPeriod: '600',
      StatusCallback: `https://hooks.example.org/webhooks/sms/twilio?v=1&reference=${encodeURIComponent(reference)}`,
    });
  });

  test("the message's own sender wins over the messaging service", async () => {
    const { url, received } = await serve(json(201, created));
    await (await provider(url)).send({ ...sms, from: '+15550109999' });
    const form = Object.fromEntries(new URLSearchParams(received[0]?.body));
    expect(form).toEqual({ To: sms.to, Body: sms.text, From: '+15550109999', ValidityPeriod: '600' });
  });

  test.each<[string, object]>([
    ['ACME & Co', { MessagingServiceSid: 'MG1' }],
    ['acme & co', { MessagingServiceSid: 'MG1' }],
    ['+15550109999', { MessagingServiceSid: 'MG2' }],
    ['+15550109998', { From: '+15550109998' }],
    ['constructor', { From: 'constructor' }],
  ])('the sender %s has its messaging service, or none', async (from, sender) => {
    const messagingServices = { 'ACME & Co': 'MG1', '+15550109999': 'MG2' };
    const { url, received } = await serve(json(201, created));
    await (await provider(url, { messagingServices })).send({ ...sms, from });
    const form = Object.fromEntries(new URLSearchParams(received[0]?.body));
    expect(form).toEqual({ To: sms.to, Body: sms.text, ValidityPeriod: '600', ...sender });
  });

  test.each([
    [1, '1'],
    [36_000, '36000'],
    [604_800, '36000'],
  ])('an SMS that is of use for %i s: Twilio allows 10 hours at most', async (validitySeconds, ValidityPeriod) => {
    const { url, received } = await serve(json(201, created));
    await (await provider(url)).send({ ...sms, validitySeconds });
    expect(Object.fromEntries(new URLSearchParams(received[0]?.body))).toMatchObject({ ValidityPeriod });
  });

  test.each<[string, Partial<TwilioProviderOptions>]>([
    ['alone', { authToken: undefined }],
    ['beside the auth token', {}],
  ])('an API key %s signs the requests of the same account', async (_, more) => {
    const { url, received } = await serve(json(201, created), json(200, { messages: [] }));
    const twilio = await provider(url, { apiKey: { sid: 'SK1', secret: 'key-secret' }, ...more });
    await twilio.send(sms);
    await twilio.reconcile({ ...sms, sentAfter: SENT_AFTER });
    const authorization = `Basic ${Buffer.from('SK1:key-secret').toString('base64')}`;
    expect(received.length).toBeGreaterThan(1);
    for (const { headers, path } of received) {
      expect(headers.authorization).toBe(authorization);
      expect(path).toContain(`/Accounts/${ACCOUNT}/Messages.json`);
    }
  });

  test('without any sender nothing is sent, and the variable is named', async () => {
    const { url, received } = await serve(json(201, created));
    const error = await failure((await provider(url, { messagingServiceSid: undefined })).send(sms));
    expect(error).toMatchObject({ kind: 'notSent', reason: 'sender' });
    expect(error.message).toContain('TWILIO_MESSAGING_SERVICE_SID');
    expect(received).toHaveLength(0);
  });

  test.each<[string, Handler]>([
    ['HTML', html(200)],
    ['a body that was cut off', truncate(201, '{"sid":"SM')],
    ['a sid that is a number', json(201, { ...created, sid: '+15550100001' })],
    ['a sid of something else', json(201, { ...created, sid: `AC${'1'.repeat(32)}` })],
    ['a sid with more in it', json(201, { ...created, sid: `${SID} 15550100001` })],
    ['nothing', (_, response) => response.writeHead(201).end()],
  ])('2xx with %s is sent', async (_, handler) => {
    const { url, received } = await serve(handler);
    await expect((await provider(url)).send(sms)).resolves.toEqual({ providerMessageId: '' });
    expect(received).toHaveLength(1);
  });

  test('calls with different limits do not disturb each other', async () => {
    const slow: Handler = (request, response) => {
      setTimeout(() => {
        json(201, created)(request, response);
      }, 500);
    };
    const { url } = await serve(slow);
    const twilio = await provider(url);
    const [short, long] = await Promise.allSettled([twilio.send({ ...sms, timeoutMs: 200 }), twilio.send(sms)]);
    expect([short.status, long.status]).toEqual(['rejected', 'fulfilled']);
  });
});

test('a malformed configuration is refused at once', async () => {
  await expect(provider('http://127.0.0.1:1', { accountSid: 'SK1' })).rejects.toThrow(/accountSid/);
  await expect(provider('http://127.0.0.1:1', { statusCallbackUrl: '/webhooks' })).rejects.toThrow(TypeError);
  await expect(provider('http://127.0.0.1:1', { authToken: undefined })).rejects.toThrow(/API key or the auth token/);
});

describe('what an answer means', () => {
  // Twilio's codes one by one: test/sms/twilio-codes.test.ts.
  test.each<[number, number | undefined, SmsReason | undefined]>([
    [400, 21211, 'recipient'],
    [400, 21610, 'optedOut'],
    [400, 21609, 'account'],
    [400, 21606, 'sender'],
    [429, 20429, 'throttled'],
    [400, undefined, 'recipient'],
    [401, undefined, 'account'],
    [500, 20500, undefined],
    [503, 21211, undefined],
    [503, undefined, undefined],
  ])('%i with code %s: %s', async (status, code, reason) => {
    const fault = { code, message: 'The number +15550100001 is bad', more_info: 'https://…', status };
    const { url, received } = await serve(json(status, fault, { 'retry-after': '2' }));
    expect(await failure((await provider(url)).send(sms))).toMatchObject({
      reason,
      httpStatus: status,
      code: code === undefined ? undefined : String(code),
      retryAfterMs: 2_000,
    });
    expect(received).toHaveLength(1);
  });

  test.each<[string, Handler, SmsReason | undefined]>([
    ['HTML of a front end', html(502), undefined],
    ['a redirect', json(307, {}, { location: 'http://127.0.0.1:1/' }), 'account'],
    ['silence', silence, undefined],
    ['a reset', reset, undefined],
  ])('%s', async (_, handler, reason) => {
    const { url, received } = await serve(handler);
    expect(await failure((await provider(url)).send({ ...sms, timeoutMs: 600 }))).toMatchObject({ reason });
    expect(received).toHaveLength(1);
  });

  test('nobody listens: surely not sent', async () => {
    expect(await failure((await provider(await deadUrl())).send(sms))).toMatchObject({
      kind: 'notSent',
      reason: 'unreachable',
    });
  });

  test('cancelled while it waits: it may have been sent', async () => {
    const controller = new AbortController();
    const { url } = await serve(() => {
      controller.abort();
    });
    expect(await failure((await provider(url)).send(sms, controller.signal))).toMatchObject({ kind: 'unanswered' });
  });
});

describe('reconcile', () => {
  const { to, text, timeoutMs } = sms;
  const asked = { to, text, reference, timeoutMs, sentAfter: SENT_AFTER };
  const listed = (more: object = {}) => ({
    sid: FOUND,
    to,
    from: null,
    body: text,
    direction: 'outbound-api',
    status: 'queued',
    messaging_service_sid: SERVICE,
    date_created: 'Fri, 02 Jan 2026 03:04:06 +0000',
    date_sent: null,
    ...more,
  });
  const list = (...messages: object[]) => json(200, { messages, page: 0, page_size: 50, next_page_uri: null });

  test('asks for the newest messages to that number, also by RCS; then for the newest of all, to see hidden numbers', async () => {
    const { url, received } = await serve(list());
    await (await provider(url)).reconcile(asked);
    expect(received.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    const asking = received.map(({ path }) => new URL(path, url));
    expect(asking.map(({ pathname }) => pathname)).toEqual(
      asking.map(() => `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`),
    );
    expect(asking.map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
      { To: to, PageSize: '50' },
      { To: `rcs:${to}`, PageSize: '50' },
      { PageSize: '20' },
    ]);
  });

  test.each<[string, object]>([
    ['a queued message', listed()],
    [
      'one that failed later: it was taken',
      listed({ status: 'undelivered', date_sent: 'Fri, 02 Jan 2026 03:04:07 +0000' }),
    ],
    ['one in the very second', listed({ date_created: 'Fri, 02 Jan 2026 03:04:05 +0000' })],
    ['one of a clock that is a little behind', listed({ date_created: 'Fri, 02 Jan 2026 03:04:01 +0000' })],
    ['one that names no service', listed({ messaging_service_sid: null, from: '+15550109999' })],
    ['one of a trial account', listed({ body: `Sent from your Twilio trial account - ${text}` })],
  ])('yes: %s', async (_, message) => {
    const { url } = await serve(list(listed({ sid: OTHER, body: 'another text' }), message));
    await expect((await provider(url)).reconcile(asked)).resolves.toEqual({ found: 'yes', providerMessageId: FOUND });
  });

  test.each<[string, object[]]>([
    ['nothing listed', []],
    ['another text', [listed({ body: 'Your code is 111111' })]],
    ['no text, of an answer', [listed({ body: null, direction: 'inbound' })]],
    ['another number', [listed({ to: '+15550100002' })]],
    ['an answer of that person', [listed({ direction: 'inbound' })]],
    ['too old', [listed({ date_created: 'Fri, 02 Jan 2026 03:03:59 +0000' })]],
    [
      'a full page that reaches back far enough',
      [
        ...Array.from({ length: 49 }, () => listed({ body: 'another' })),
        listed({ date_created: 'Fri, 02 Jan 2026 03:00:00 +0000' }),
      ],
    ],
  ])('no: %s', async (_, messages) => {
    const { url } = await serve(list(...messages));
    await expect((await provider(url)).reconcile(asked)).resolves.toEqual({ found: 'no' });
  });

  describe('an SMS that Twilio sent as RCS', () => {
    const rcs = (more: object = {}) => listed({ to: `rcs:${to}`, from: 'rcs:acme_agent', ...more });
    const found = { found: 'yes', providerMessageId: FOUND };

    test.each<[string, Handler[]]>([
      ['among the RCS messages', [list(), list(rcs())]],
      ['among the SMS', [list(rcs())]],
      ['to the number as it is', [list(rcs({ to }))]],
      ['that names no service', [list(), list(rcs({ messaging_service_sid: null }))]],
    ])('yes: %s', async (_, handlers) => {
      const { url } = await serve(...handlers);
      await expect((await provider(url)).reconcile(asked)).resolves.toEqual(found);
    });

    test('yes: whatever sender the message names', async () => {
      const { url } = await serve(list(), list(rcs()));
      const twilio = await provider(url, { messagingServices: { ACME: SERVICE } });
      await expect(twilio.reconcile({ ...asked, from: 'ACME' })).resolves.toEqual(found);
      const direct = await serve(list(), list(rcs()));
      await expect((await provider(direct.url)).reconcile({ ...asked, from: '+15550109999' })).resolves.toEqual(found);
    });

    test.each<[string, object]>([
      ['another text', rcs({ body: 'another' })],
      ['another number', rcs({ to: 'rcs:+15550100002' })],
      ['an answer of that person', rcs({ to: 'rcs:acme_agent', from: `rcs:${to}`, direction: 'inbound' })],
      ['too old', rcs({ date_created: 'Fri, 02 Jan 2026 03:03:59 +0000' })],
    ])('no: %s', async (_, message) => {
      const { url } = await serve(list(), list(message));
      await expect((await provider(url)).reconcile(asked)).resolves.toEqual({ found: 'no' });
    });

    test.each<[string, object]>([
      ['no text', rcs({ body: '' })],
      ['a redacted text', rcs({ body: '[REDACTED]' })],
      ['an address that is no number', rcs({ to: 'rcs:abc123' })],
      ['a masked number', rcs({ to: 'rcs:+1555010XXXX' })],
      ['no address', rcs({ to: null })],
      ['another service', rcs({ messaging_service_sid: `MG${'9'.repeat(32)}` })],
    ])('can not tell: %s', async (_, message) => {
      const { url } = await serve(list(), list(message));
      expect(await failure((await provider(url)).reconcile(asked))).toMatchObject({ kind: 'unanswered' });
    });

    test('can not tell: the list of RCS messages fails', async () => {
      const { url } = await serve(list(), html(503));
      expect(await failure((await provider(url)).reconcile(asked))).toMatchObject({ kind: 'unanswered' });
    });
  });

  test('yes: one whose quotes and dashes Twilio made plain (Smart Encoding)', async () => {
    const { url } = await serve(list(listed({ body: 'It\'s here - "482913"' })));
    const found = (await provider(url)).reconcile({ ...asked, text: 'It’s here — “482913”' });
    await expect(found).resolves.toMatchObject({ found: 'yes' });
  });

  test('can not tell: an account that hides the numbers (Message Redaction)', async () => {
    const { url } = await serve(list(), list(), list(listed({ to: '+1555010XXXX', body: 'another text' })));
    const error = await failure((await provider(url)).reconcile(asked));
    expect(error).toMatchObject({ kind: 'unanswered', message: 'Twilio hides the numbers' });
  });

  test('by sender, where the message named one; a sender not chosen yet is no difference', async () => {
    const { url } = await serve(
      list(listed({ from: '+15550109999', messaging_service_sid: null })),
      list(listed({ from: null })),
    );
    const twilio = await provider(url);
    const found = [];
    for (let i = 0; i < 2; i += 1) found.push((await twilio.reconcile({ ...asked, from: '+15550109999' })).found);
    expect(found).toEqual(['yes', 'yes']);
  });

  describe('by messaging service, where the named sender has one', () => {
    const messagingServices = { ACME: SERVICE };
    const reconcile = async (message: object) => {
      const { url } = await serve(list(message));
      return (await provider(url, { messagingServices })).reconcile({ ...asked, from: 'ACME' });
    };

    test.each<[string, object]>([
      ['a number of the service', listed({ from: '+15550109997' })],
      ['no sender yet', listed()],
      ['sent before the service was configured', listed({ from: 'ACME', messaging_service_sid: null })],
      ['the same, with an id of its own', listed({ from: 'Acme', messaging_service_sid: `MG${'9'.repeat(32)}` })],
    ])('yes: %s', async (_, message) => {
      expect(await reconcile(message)).toEqual({ found: 'yes', providerMessageId: FOUND });
    });

    test('can not tell: another service, from another sender', async () => {
      const message = listed({ from: '+15550109997', messaging_service_sid: `MG${'9'.repeat(32)}` });
      expect(await failure(reconcile(message))).toMatchObject({ kind: 'unanswered' });
    });
  });

  test.each<[string, Handler]>([
    ['5xx', html(503)],
    ['401', json(401, { code: 20003 })],
    ['404', json(404, { code: 20404 })],
    ['429', json(429, { code: 20429 })],
    ['a redirect', json(302, {}, { location: '/' })],
    ['HTML', html(200)],
    ['a list that was cut off', truncate(200, '{"messages":[')],
    ['no list', json(200, { messages: 'none' })],
    ['a message without a date', list({ ...listed(), date_created: 'soon' })],
    ['the same text from another service', list(listed({ messaging_service_sid: `MG${'9'.repeat(32)}` }))],
    ['a text that Twilio does not keep', list(listed({ body: null }))],
    ['a redacted text', list(listed({ body: '[REDACTED]' }))],
    ['a text of stars', list(listed({ body: '*****' }))],
    ['a full page of newer messages', list(...Array.from({ length: 50 }, () => listed({ body: 'another' })))],
    ['a reset', reset],
    ['silence', silence],
  ])('can not tell: %s', async (_, handler) => {
    const { url, received } = await serve(handler);
    const error = await failure((await provider(url)).reconcile({ ...asked, timeoutMs: 800 }));
    expect(error).toMatchObject({ kind: 'unanswered' });
    expect(received).toHaveLength(1);
  });

  test('can not tell: nobody listens', async () => {
    const error = await failure((await provider(await deadUrl())).reconcile(asked));
    expect(error).toMatchObject({ kind: 'unanswered' });
  });
});

test('the library is loaded by creating the provider, not by importing it or by checking signatures', async () => {
  const script = `
    const { createRequire } = await import('node:module');
    await import('./src/sms/twilio-signature.ts');
    const { createTwilioProvider } = await import('./src/sms/twilio-provider.ts');
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('/twilio/')).length;
    const before = loaded();
    await createTwilioProvider({ accountSid: 'AC1', authToken: 't' });
    console.log(JSON.stringify({ before, after: loaded() }));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ]);
  const { before, after } = JSON.parse(stdout) as { before: number; after: number };
  expect(before).toBeLessThanOrEqual(3);
  expect(after).toBeGreaterThan(before + 20);
});
