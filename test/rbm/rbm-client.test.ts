import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RbmAuth } from '../../src/rbm/rbm-auth.js';
import { createRbmClient, shouldCloseConnection, type CreateAgentMessageRequest } from '../../src/rbm/rbm-client.js';
import { RbmError, type RbmErrorKind } from '../../src/rbm/rbm-error.js';
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

const message: CreateAgentMessageRequest = {
  recipient: '+15550100001',
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  contentMessage: { text: 'Your code is 482913' },
  expireTime: '2026-01-02T03:14:05Z',
  timeoutMs: 5_000,
};
const { recipient, agentId, messageId, timeoutMs } = message;
const revoke = { recipient, agentId, messageId, timeoutMs };

/** Hands out token-1, and a fresh one after each that was invalidated. */
function countingAuth(): RbmAuth & { readonly invalidated: string[] } {
  const invalidated: string[] = [];
  return {
    accessToken: () => Promise.resolve(`token-${String(invalidated.length + 1)}`),
    invalidate: (token = '') => invalidated.push(token),
    invalidated,
  };
}

const clientFor = (endpoint: string, auth: RbmAuth = countingAuth()) => createRbmClient({ endpoint, auth });
const googleError = (code: number, status: string) =>
  json(code, { error: { code, message: '+15550100001 gone', status } });

async function failure(promise: Promise<unknown>): Promise<RbmError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(RbmError);
  expect((error as RbmError).message).not.toMatch(/5550100001|token-|127\.0\.0\.1|gone|0b2f6d0e/);
  return error as RbmError;
}

describe('create', () => {
  test('is one POST with RBM words', async () => {
    const { url, received } = await serve(json(200, { name: 'x' }));
    await clientFor(url).createAgentMessage({ ...message, messageTrafficType: 'AUTHENTICATION' });
    expect(received).toHaveLength(1);
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '{}' }] = received;
    expect(method).toBe('POST');
    const { pathname, searchParams } = new URL(path, url);
    expect(decodeURIComponent(pathname)).toBe('/v1/phones/+15550100001/agentMessages');
    expect(Object.fromEntries(searchParams)).toEqual({ messageId, agentId: 'acme-agent' });
    expect(headers).toMatchObject({
      authorization: 'Bearer token-1',
      'content-type': 'application/json',
      'user-agent': 'rcs-message-delivery',
    });
    expect(JSON.parse(body)).toEqual({
      contentMessage: { text: 'Your code is 482913' },
      messageTrafficType: 'AUTHENTICATION',
      expireTime: '2026-01-02T03:14:05Z',
    });
  });

  test('names the project that the calls count for, if the credentials say one', async () => {
    const { url, received } = await serve(json(200, {}));
    const caller = () => ({ isPerson: true, quotaProject: 'pays' });
    await clientFor(url, { ...countingAuth(), caller }).createAgentMessage(message);
    await clientFor(url).createAgentMessage(message);
    expect(received.map(({ headers }) => headers['x-goog-user-project'])).toEqual(['pays', undefined]);
  });

  test('leaves out a traffic type that was not given', async () => {
    const { url, received } = await serve(json(200, {}));
    await clientFor(url).createAgentMessage(message);
    expect(JSON.parse(received[0]?.body ?? '')).not.toHaveProperty('messageTrafficType');
  });

  test('keeps a base path of the endpoint', async () => {
    const { url, received } = await serve(json(200, {}));
    await clientFor(`${url}/rbm`).createAgentMessage(message);
    expect(received[0]?.path).toMatch(/^\/rbm\/v1\/phones\//);
  });

  test("returns RBM's times", async () => {
    const times = { expireTime: '2026-01-02T03:14:05.123Z', sendTime: '2026-01-02T03:04:05Z' };
    const { url } = await serve(json(200, { name: 'x', ...times, contentMessage: {} }));
    expect(await clientFor(url).createAgentMessage(message)).toEqual({ acceptedEarlier: false, ...times });
  });

  test('drops times that are none', async () => {
    const { url } = await serve(json(200, { expireTime: 'soon', sendTime: 7 }));
    expect(await clientFor(url).createAgentMessage(message)).toEqual({ acceptedEarlier: false });
  });

  test.each<[string, Handler]>([
    ['a truncated body', truncate(200, '{"expireTime":"2026')],
    ['a body that stops', stall(200, '{"expireTime":"2026')],
    ['HTML', html(200)],
    ['no body', (_, response) => response.writeHead(204).end()],
    ['another JSON value', json(200, [1])],
  ])('2xx with %s is accepted', async (_, handler) => {
    const { url } = await serve(handler);
    const request = { ...message, timeoutMs: 1_000 };
    expect(await clientFor(url).createAgentMessage(request)).toEqual({ acceptedEarlier: false });
  });

  test.each<[string, Handler]>([
    ['ALREADY_EXISTS', googleError(409, 'ALREADY_EXISTS')],
    ['HTML', html(409)],
  ])('409 with %s: accepted earlier', async (_, handler) => {
    const { url } = await serve(handler);
    expect(await clientFor(url).createAgentMessage(message)).toEqual({ acceptedEarlier: true });
  });

  test('409 ABORTED is not acceptance', async () => {
    const { url } = await serve(googleError(409, 'ABORTED'));
    expect(await failure(clientFor(url).createAgentMessage(message))).toMatchObject({ kind: 'unexpected' });
  });
});

describe('delete', () => {
  test('is one DELETE with an empty body', async () => {
    const { url, received } = await serve(json(200, {}));
    await clientFor(url).deleteAgentMessage(revoke);
    expect(received).toHaveLength(1);
    const [{ method, path, body } = { method: '', path: '', body: 'x' }] = received;
    expect({ method, body }).toEqual({ method: 'DELETE', body: '' });
    const { pathname, search } = new URL(path, url);
    expect(decodeURIComponent(pathname)).toBe(`/v1/phones/+15550100001/agentMessages/${messageId}`);
    expect(search).toBe('?agentId=acme-agent');
  });

  test.each<[string, Handler]>([
    ['truncated', truncate(200, '{')],
    ['HTML', html(200)],
  ])('2xx with a body that is %s is revoked', async (_, handler) => {
    const { url } = await serve(handler);
    await expect(clientFor(url).deleteAgentMessage(revoke)).resolves.toBeUndefined();
  });

  test('409 means nothing to a delete', async () => {
    const { url } = await serve(googleError(409, 'ALREADY_EXISTS'));
    expect(await failure(clientFor(url).deleteAgentMessage(revoke))).toMatchObject({ kind: 'unexpected' });
  });
});

const calls = [
  ['create', (url: string, ms?: number) => clientFor(url).createAgentMessage({ ...message, timeoutMs: ms ?? 5_000 })],
  ['delete', (url: string, ms?: number) => clientFor(url).deleteAgentMessage({ ...revoke, timeoutMs: ms ?? 5_000 })],
] as const;

describe.each(calls)('%s: what an answer means', (_, call) => {
  test.each<[number, string, RbmErrorKind]>([
    [400, 'INVALID_ARGUMENT', 'invalidArgument'],
    [401, 'UNAUTHENTICATED', 'unauthenticated'],
    [403, 'PERMISSION_DENIED', 'permissionDenied'],
    [404, 'NOT_FOUND', 'notFound'],
    [429, 'RESOURCE_EXHAUSTED', 'resourceExhausted'],
    [500, 'INTERNAL', 'unavailable'],
    [503, 'UNAVAILABLE', 'unavailable'],
    [599, 'UNKNOWN', 'unavailable'],
    [302, 'FOUND', 'unexpected'],
    [408, 'CANCELLED', 'unexpected'],
    [418, 'TEAPOT', 'unexpected'],
  ])('%i %s is %s', async (httpStatus, status, kind) => {
    const { url, received } = await serve(googleError(httpStatus, status));
    const error = await failure(call(url));
    expect(error).toMatchObject({ kind, httpStatus, status, retryAfterMs: undefined });
    expect(received).toHaveLength(1);
  });

  test.each<[string, Handler]>([
    ['HTML', html(502)],
    ['nothing readable', truncate(502, '{"error":')],
    ['silence', stall(502, '{"error":')],
    ['a status that is not one', json(502, { error: { status: 'call +15550100001' } })],
    ['an error that is no object', json(502, { error: 'gone' })],
  ])('5xx with %s', async (_case, handler) => {
    const { url, received } = await serve(handler);
    expect(await failure(call(url, 1_000))).toMatchObject({ kind: 'unavailable', httpStatus: 502, status: undefined });
    expect(received).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await serve(json(200, {}));
    const { url } = await serve(json(308, {}, { location: elsewhere.url }));
    expect(await failure(call(url))).toMatchObject({ kind: 'unexpected', httpStatus: 308 });
    expect(elsewhere.received).toHaveLength(0);
  });

  test.each([
    ['seconds', '7', 7_000],
    ['a date', 'Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ])('429 with Retry-After in %s', async (_case, value, retryAfterMs) => {
    const headers = { 'retry-after': value, date: 'Fri, 02 Jan 2026 03:04:05 GMT' };
    const { url } = await serve(json(429, {}, headers));
    expect(await failure(call(url))).toMatchObject({ kind: 'resourceExhausted', retryAfterMs });
  });

  test.each<[string, Handler]>([
    ['silence', silence],
    ['a reset', reset],
  ])('%s leaves it open', async (_case, handler) => {
    const { url, received } = await serve(handler);
    expect(await failure(call(url, 600))).toMatchObject({ kind: 'unanswered', httpStatus: undefined });
    expect(received).toHaveLength(1);
  });

  test('nobody listens: surely not sent', async () => {
    expect(await failure(call(await deadUrl()))).toMatchObject({ kind: 'notSent', status: 'ECONNREFUSED' });
  });
});

describe('tokens', () => {
  test('a 401 drops the token that was used, so that the next call has a fresh one', async () => {
    const auth = countingAuth();
    const { url, received } = await serve(googleError(401, 'UNAUTHENTICATED'), json(200, {}));
    const client = clientFor(url, auth);
    expect(await failure(client.createAgentMessage(message))).toMatchObject({ kind: 'unauthenticated' });
    expect(auth.invalidated).toEqual(['token-1']);
    await client.createAgentMessage(message);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('a 403 drops nothing', async () => {
    const auth = countingAuth();
    const { url } = await serve(googleError(403, 'PERMISSION_DENIED'));
    await failure(clientFor(url, auth).createAgentMessage(message));
    expect(auth.invalidated).toEqual([]);
  });

  test('a token that does not come in half of the time: surely not sent', async () => {
    const auth: RbmAuth = { accessToken: () => new Promise(() => undefined), invalidate: () => undefined };
    const { url, received } = await serve(json(200, {}));
    const error = await Promise.race([
      failure(clientFor(url, auth).createAgentMessage({ ...message, timeoutMs: 2_000 })),
      delay(1_900, 'too late'),
    ]);
    expect(error).toMatchObject({ kind: 'notSent', message: 'no access token in time', status: 'NO_ACCESS_TOKEN' });
    expect(received).toHaveLength(0);
  });

  test("the token endpoint's refusal comes through", async () => {
    const refused = new RbmError({ kind: 'unauthenticated', message: 'no', status: 'invalid_grant' });
    const auth: RbmAuth = { accessToken: () => Promise.reject(refused), invalidate: () => undefined };
    const { url, received } = await serve(json(200, {}));
    expect(await rejection(clientFor(url, auth).deleteAgentMessage(revoke))).toBe(refused);
    expect(received).toHaveLength(0);
  });
});

describe('cancellation', () => {
  test('before anything was sent', async () => {
    const { url, received } = await serve(json(200, {}));
    const error = await failure(clientFor(url).createAgentMessage(message, AbortSignal.abort()));
    expect(error.kind).toBe('notSent');
    expect(received).toHaveLength(0);
  });

  test('while RBM has the request', async () => {
    const controller = new AbortController();
    const { url } = await serve(() => {
      controller.abort();
    });
    expect((await failure(clientFor(url).deleteAgentMessage(revoke, controller.signal))).kind).toBe('unanswered');
  });
});

describe('connections', () => {
  test('are kept, and closed in the last 10 s of every 240 s', async () => {
    const { url, received } = await serve(json(200, {}));
    const times = [0, 229_999, 230_000, 239_999, 240_000];
    for (const now of times) {
      await createRbmClient({ endpoint: url, auth: countingAuth(), clock: () => now }).deleteAgentMessage(revoke);
    }
    expect(received.map(({ headers }) => headers.connection)).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
      'close',
      'keep-alive',
    ]);
    expect(received[3]?.port).not.toBe(received[2]?.port);
  });

  test('so none that is in use grows older than 250 s', () => {
    const closing = Array.from({ length: 600 }, (_, second) => shouldCloseConnection(second * 1000));
    expect(closing.lastIndexOf(true, 300)).toBe(239);
    expect(closing.filter(Boolean)).toHaveLength(20);
  });
});
