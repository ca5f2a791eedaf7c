import { describe, expect, test } from 'vitest';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import type { SmsReason } from '../../src/contract/failures.js';
import { SmsError } from '../../src/sms/sms-error.js';
import type { SmsRequest } from '../../src/sms/sms-provider.js';
import {
  deadUrl,
  html,
  json,
  rejection,
  reset,
  serve,
  silence,
  stall,
  truncate,
  type Handler,
} from '../http/loopback.js';

const sms: SmsRequest = {
  to: '+15550100001',
  from: '+15550109999',
  text: 'Your code is 482913',
  validitySeconds: 600,
  reference: 'message-delivery:acme-agent:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  idempotencyKey: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  timeoutMs: 5_000,
};
const provider = (url: string) => createHttpSmsProvider({ url: `${url}/sms`, token: 'gateway-token' });

async function failure(promise: Promise<unknown>): Promise<SmsError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(SmsError);
  expect((error as SmsError).message).not.toMatch(/5550100001|482913|gateway-token|127\.0\.0\.1/);
  return error as SmsError;
}

test('is one POST as the protocol says', async () => {
  const { url, received } = await serve(json(201, { id: 'sms-1' }));
  await expect(provider(url).send(sms)).resolves.toEqual({ providerMessageId: 'sms-1' });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    method: 'POST',
    path: '/sms',
    headers: {
      authorization: 'Bearer gateway-token',
      'content-type': 'application/json',
      'idempotency-key': sms.idempotencyKey,
    },
  });
  const { to, from, text, reference } = sms;
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({ to, from, text, reference, validitySeconds: 600 });
});

test('takes a token with a line break at its end or Bearer before it, and refuses one that no header can hold', async () => {
  const { url, received } = await serve(json(200, { id: 'sms-1' }));
  await createHttpSmsProvider({ url, token: ' gateway-token\r\n' }).send(sms);
  expect(received[0]?.headers).toMatchObject({ authorization: 'Bearer gateway-token' });
  for (const token of ['Bearer gateway-token', 'bearer  gateway-token\n', 'BEARER\tgateway-token'])
    await createHttpSmsProvider({ url, token }).send(sms);
  expect(received.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer gateway-token'));
  for (const token of ['', '\n', 'two\nlines', 'kéy']) {
    expect(() => createHttpSmsProvider({ url, token })).toThrow(/^the token of the SMS gateway must be ASCII/);
  }
});

test('leaves out a sender that was not given', async () => {
  const { url, received } = await serve(json(200, { id: 'sms-1' }));
  const { to, text, validitySeconds, reference, idempotencyKey, timeoutMs } = sms;
  await provider(url).send({ to, text, validitySeconds, reference, idempotencyKey, timeoutMs });
  expect(JSON.parse(received[0]?.body ?? '')).not.toHaveProperty('from');
});

describe('2xx is sent, even where the id', () => {
  test.each<[string, Handler, string]>([
    ['is a number', json(200, { id: 7 }), '7'],
    ['is missing', json(202, {}), ''],
    ['is an object', json(200, { id: { a: 1 } }), ''],
    ['is in HTML', html(200), ''],
    ['was cut off', truncate(200, '{"id":"sms'), ''],
    ['is that of no form that we know', json(200, { messages: [{ status: '29' }] }), ''],
    ['gives way to an error', json(200, { error: 'no credit' }), ''],
    ['is left out with the whole body', json(204, undefined), ''],
    ['is the phone number', json(200, { id: '+15550100001' }), ''],
    ['is the phone number as a number', json(200, { id: 15550100001 }), ''],
    ['has the phone number in it', json(200, { id: 'sms-1-555-010-0001' }), ''],
    ['has the local number in it', json(200, { id: 'sms_50100001x' }), ''],
    ['is any phone number', json(200, { id: '447700900123' }), ''],
    ['is a secret', json(200, { id: 'Bearer gateway-token' }), ''],
    ['is a text', json(200, { id: 'Your code is 482913' }), ''],
    ['is not ASCII', json(200, { id: 'sms-ä' }), ''],
    ['is too long', json(200, { id: 'x'.repeat(129) }), ''],
    ['is a UUID', json(200, { id: '0b2f6d0e-3c1f-4a57-9d8e-123456789012' }), '0b2f6d0e-3c1f-4a57-9d8e-123456789012'],
    ['never came', stall(200, '{"id":'), ''],
  ])('%s', async (_, handler, id) => {
    const { url, received } = await serve(handler);
    await expect(provider(url).send({ ...sms, timeoutMs: 1_000 })).resolves.toEqual({ providerMessageId: id });
    expect(received).toHaveLength(1);
  });
});

describe('what an answer means', () => {
  test.each<[number, SmsReason | undefined]>([
    [301, 'account'],
    [302, 'account'],
    [303, undefined],
    [307, 'account'],
    [400, 'recipient'],
    [401, 'account'],
    [402, 'account'],
    [403, 'account'],
    [404, 'account'],
    [405, 'account'],
    [408, undefined],
    [409, undefined],
    [410, 'account'],
    [413, 'recipient'],
    [422, 'recipient'],
    [425, 'throttled'],
    [429, 'throttled'],
    [500, undefined],
    [502, undefined],
    [503, undefined],
  ])('%i: %s', async (httpStatus, reason) => {
    const { url, received } = await serve(html(httpStatus));
    expect(await failure(provider(url).send(sms))).toMatchObject({ reason, httpStatus });
    expect(received).toHaveLength(1);
  });

  test("407: account, where the fetch shows it (Node's own reports no status)", async () => {
    const fetch = () => Promise.resolve(new Response('', { status: 407 }));
    const behindProxy = createHttpSmsProvider({ url: 'http://127.0.0.1:1', token: 'gateway-token', fetch });
    expect(await failure(behindProxy.send(sms))).toMatchObject({ reason: 'account', httpStatus: 407 });
  });

  test.each(['recipient', 'optedOut', 'content', 'account', 'sender', 'unreachable', 'throttled'])(
    'a gateway may say it: %s',
    async (reason) => {
      const { url } = await serve(json(422, { reason, number: '+15550100001' }));
      expect(await failure(provider(url).send(sms))).toMatchObject({ reason, httpStatus: 422 });
    },
  );

  test.each<[string, SmsReason]>([
    ['OPTEDOUT', 'optedOut'],
    ['opted_out', 'optedOut'],
    ['Opted-Out', 'optedOut'],
    ['opted out', 'optedOut'],
    [' sender ', 'sender'],
    ['THROTTLED\n', 'throttled'],
    ['Content', 'content'],
  ])('in any spelling: %j', async (reason, read) => {
    const { url } = await serve(json(422, { reason }));
    expect(await failure(provider(url).send(sms))).toMatchObject({ reason: read, unknownReason: undefined });
  });

  test.each<[unknown, string | undefined]>([
    ['moonlight', 'moonlight'],
    ['no +15550100001', ''],
    ['', undefined],
    [' ', undefined],
    [7, undefined],
  ])('an unknown reason comes along: %j', async (reason, unknownReason) => {
    const { url } = await serve(json(422, { reason }));
    expect(await failure(provider(url).send(sms))).toMatchObject({ reason: 'recipient', unknownReason });
  });

  test.each<[string, number, unknown, SmsReason | undefined]>([
    ['an unknown reason', 422, { reason: 'moonlight' }, 'recipient'],
    ['an unknown reason at a wrong URL', 404, { reason: 'moonlight' }, 'account'],
    ['one of every object', 422, { reason: 'constructor' }, 'recipient'],
    ['no text', 401, { reason: 7 }, 'account'],
    ['no object', 429, 'optedOut', 'throttled'],
    ['a redirect', 302, { reason: 'recipient' }, 'account'],
    ['a request that is still processed', 409, { reason: 'recipient' }, undefined],
    ['a request that was given up', 408, { reason: 'recipient' }, undefined],
    ['a failing gateway', 503, { reason: 'recipient' }, undefined],
  ])('the status counts: %s', async (_, httpStatus, body, reason) => {
    const { url } = await serve(json(httpStatus, body));
    expect(await failure(provider(url).send(sms))).toMatchObject({ reason, httpStatus });
  });

  test.each<[SmsReason | undefined, string]>([
    ['recipient', 'refused'],
    ['optedOut', 'refused'],
    ['content', 'refused'],
    ['account', 'notSent'],
    ['sender', 'notSent'],
    ['unreachable', 'notSent'],
    ['throttled', 'notSent'],
    [undefined, 'unanswered'],
  ])('%s is %s', (reason, kind) => {
    const cause = reason === undefined ? { kind: 'unanswered' as const } : { reason };
    expect(new SmsError({ ...cause, message: 'x' })).toMatchObject({ kind, reason });
  });

  test.each([
    [429, 'notSent'],
    [401, 'notSent'],
    [409, 'unanswered'],
    [503, 'unanswered'],
  ])('Retry-After comes along with %i', async (httpStatus, kind) => {
    const { url } = await serve(json(httpStatus, {}, { 'retry-after': '3' }));
    expect(await failure(provider(url).send(sms))).toMatchObject({ kind, retryAfterMs: 3_000 });
  });
});

describe('no answer', () => {
  test.each<[string, Handler]>([
    ['silence', silence],
    ['a reset', reset],
  ])('%s: it may have been sent', async (_, handler) => {
    const { url, received } = await serve(handler);
    expect(await failure(provider(url).send({ ...sms, timeoutMs: 600 }))).toMatchObject({ kind: 'unanswered' });
    expect(received).toHaveLength(1);
  });

  test('nobody listens: surely not sent', async () => {
    expect(await failure(provider(await deadUrl()).send(sms))).toMatchObject({ kind: 'notSent' });
  });

  test('cancelled before it began: surely not sent', async () => {
    const { url, received } = await serve(json(200, {}));
    expect(await failure(provider(url).send(sms, AbortSignal.abort()))).toMatchObject({ kind: 'notSent' });
    expect(received).toHaveLength(0);
  });
});

test('a repeat is harmless, so there is nothing to reconcile', async () => {
  const { url, received } = await serve(json(200, {}));
  const { to, text, reference, timeoutMs } = sms;
  const asked = { to, text, reference, timeoutMs, sentAfter: '2026-01-02T03:04:05Z' };
  await expect(provider(url).reconcile(asked)).resolves.toEqual({ found: 'repeatable' });
  expect(received).toHaveLength(0);
});

test.each(['', 'sms.example.org', 'ftp://sms.example.org', 'https://user:secret@sms.example.org'])(
  'a gateway at %o is refused at once',
  (url) => {
    expect(() => createHttpSmsProvider({ url, token: 't' })).toThrow(TypeError);
  },
);
