import { describe, expect, test } from 'vitest';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import { SmsError, type SmsErrorKind, type SmsRequest } from '../../src/sms/sms-provider.js';
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
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({ to, from, text, reference });
});

test('leaves out a sender that was not given', async () => {
  const { url, received } = await serve(json(200, { id: 'sms-1' }));
  const { to, text, reference, idempotencyKey, timeoutMs } = sms;
  await provider(url).send({ to, text, reference, idempotencyKey, timeoutMs });
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({ to, text, reference });
});

describe('2xx is sent, even where the id', () => {
  test.each<[string, Handler, string]>([
    ['is a number', json(200, { id: 7 }), '7'],
    ['is missing', json(202, {}), ''],
    ['is an object', json(200, { id: { a: 1 } }), ''],
    ['is in HTML', html(200), ''],
    ['was cut off', truncate(200, '{"id":"sms'), ''],
    ['never came', stall(200, '{"id":'), ''],
  ])('%s', async (_, handler, id) => {
    const { url, received } = await serve(handler);
    await expect(provider(url).send({ ...sms, timeoutMs: 1_000 })).resolves.toEqual({ providerMessageId: id });
    expect(received).toHaveLength(1);
  });
});

describe('what an answer means', () => {
  test.each<[number, SmsErrorKind]>([
    [301, 'notSent'],
    [400, 'refused'],
    [401, 'notSent'],
    [402, 'notSent'],
    [403, 'notSent'],
    [404, 'refused'],
    [408, 'unanswered'],
    [409, 'unanswered'],
    [410, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [425, 'notSent'],
    [429, 'notSent'],
    [500, 'unanswered'],
    [502, 'unanswered'],
    [503, 'unanswered'],
  ])('%i is %s', async (httpStatus, kind) => {
    const { url, received } = await serve(html(httpStatus));
    expect(await failure(provider(url).send(sms))).toMatchObject({ kind, httpStatus });
    expect(received).toHaveLength(1);
  });

  test('Retry-After comes along', async () => {
    const { url } = await serve(json(429, {}, { 'retry-after': '3' }));
    expect(await failure(provider(url).send(sms))).toMatchObject({ kind: 'notSent', retryAfterMs: 3_000 });
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
