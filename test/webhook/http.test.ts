import { createHmac } from 'node:crypto';
import { METHODS } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { deliveredEvent, PHONE, post, signedCall, WORKFLOW_ID } from './support/rbm-sender.js';
import { openSocket } from './support/raw-socket.js';
import { startWebhook } from './support/start-webhook.js';

const SMS = {
  http: { secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] },
  twilio: { authTokens: ['t'], publicUrl: 'https://x.example' },
};
const ROUTES = ['/webhooks/rbm', '/webhooks/sms/http', '/webhooks/sms/twilio'];

const TYPES: Readonly<Record<string, string>> = {
  '/webhooks/rbm': 'application/json',
  '/webhooks/sms/http': 'application/json',
  '/webhooks/sms/twilio': 'application/x-www-form-urlencoded',
};
const codings = [
  'gzip',
  'GZIP',
  'x-gzip',
  'br',
  'deflate',
  'zstd',
  'compress',
  'unknown',
  'gzip, identity',
  'identity,gzip',
];
const ENCODED: readonly Readonly<Record<string, string>>[] = [
  ...codings.map((coding) => ({ 'content-encoding': coding })),
  { 'content-encoding': 'identity\r\ncontent-encoding: br' },
  { 'transfer-encoding': 'gzip, chunked' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/json; charset="UTF-16LE"' },
  { 'content-type': 'application/x-www-form-urlencoded; charset=utf-32' },
  { 'content-type': 'application/json; charset=utf-8; charset=iso-8859-1' },
  { 'content-type': 'application/json; CharSet = ebcdic-cp-us' },
];

function signedBytes(body: Uint8Array): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const [secret = ''] = SMS.http.secrets;
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  const signature = hmac.update(`msg_1.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

describe('order of checks: path, method, content type, size, signature', () => {
  test('an unknown path', async () => {
    const { url } = await startWebhook();
    const response = await fetch(`${url}/webhooks/${PHONE}`, { method: 'PUT' });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain(PHONE);
  });

  test.each([
    ['POST', '/nope'],
    ['POST', '/webhooks/rbm/'],
    ['POST', '/healthz'],
    ['POST', '/readyz'],
    ['PUT', '/metrics'],
    ['QUERY', '/nope'],
    ['PROPFIND', '/healthz'],
  ])('%s %s is answered 404, whatever its content type and body', async (method, path) => {
    const { url } = await startWebhook();
    const types = ['application/json', 'text/plain', 'image/png', 'nonsense', undefined];
    for (const [type, body] of types.flatMap((one) => ['', '{bad', 'x'.repeat(2_000_000)].map((sent) => [one, sent]))) {
      const { socket, received, ended } = await openSocket(url);
      const head = [`${method} ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${String(body?.length)}`];
      if (type !== undefined) head.push(`Content-Type: ${type}`);
      socket.end([...head, '', body].join('\r\n'));
      await ended;
      expect(received()).toMatch(/^HTTP\/1\.1 404 /);
      expect(received()).toContain('"NOT_FOUND"');
    }
  });

  test('an unknown path is answered before the body is looked at', async () => {
    const { url } = await startWebhook();
    const { socket, received } = await openSocket(url);
    socket.write('POST /nope HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{');
    await expect.poll(received).toMatch(/^HTTP\/1\.1 404 /);
  });

  test.each(ROUTES)('%s accepts only POST', async (route) => {
    const { url } = await startWebhook({ sms: SMS });
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await fetch(url + route, { method });
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST']);
    }
    // The content type and the size do not matter then.
    const large = { method: 'PUT', body: 'x'.repeat(2_000_000), headers: { 'content-type': 'image/png' } };
    expect((await fetch(url + route, large)).status).toBe(405);
  });

  test.each(ROUTES)('%s refuses every other method that Node knows, without reading a body', async (route) => {
    const { url } = await startWebhook({ sms: SMS });
    for (const method of METHODS.filter((name) => name !== 'POST' && name !== 'CONNECT')) {
      const { socket, received } = await openSocket(url);
      socket.write(`${method} ${route} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n{`);
      await expect.poll(received, { message: method }).toMatch(/^HTTP\/1\.1 405 [^]*\r\nallow: POST\r\n/i);
    }
  });

  test.each([
    ['/webhooks/rbm', 'text/plain'],
    ['/webhooks/rbm', 'application/x-www-form-urlencoded'],
    ['/webhooks/rbm', 'application/jsonx'],
    ['/webhooks/rbm', 'nonsense'],
    ['/webhooks/sms/http', 'text/plain'],
    ['/webhooks/sms/twilio', 'application/json'],
  ])('%s refuses %s with 415, even if the signature is right and the body too large', async (route, type) => {
    const { url, deliveries } = await startWebhook({ sms: SMS });
    const { headers, body } = signedCall(deliveredEvent());
    for (const sent of [body, body.padEnd(2_000_000)]) {
      const answer = await post(url + route, { body: sent, headers: { ...headers, 'content-type': type } });
      expect(answer.status).toBe(415);
    }
    expect(deliveries.calls).toBe(0);
  });

  test.each(ROUTES.flatMap((route) => ENCODED.map((headers) => [route, headers] as const)))(
    '%s refuses what is not plain UTF-8 with 415, and says so: %j',
    async (route, encoded) => {
      const { url, deliveries, counted } = await startWebhook({ sms: SMS });
      const type = TYPES[route] ?? '';
      const head = Object.entries({ 'content-type': type, ...encoded }).map(([name, value]) => `${name}: ${value}`);
      const length = 'transfer-encoding' in encoded ? [] : ['Content-Length: 2'];
      const { socket, received } = await openSocket(url);
      socket.write([`POST ${route} HTTP/1.1`, 'Host: x', ...head, ...length, '', '{}'].join('\r\n'));
      await expect
        .poll(received)
        .toMatch(/^HTTP\/1\.1 415 [^]*\r\naccept-encoding: identity\r\n[^]*UNSUPPORTED_MEDIA_TYPE/i);
      expect(deliveries.calls).toBe(0);
      expect(await counted({ source: 'rbm' })).toBe(0);
    },
  );

  test('a compressed receipt that was signed as it came is refused, not lost', async () => {
    const { url, deliveries, counted } = await startWebhook({ sms: SMS });
    const plain = JSON.stringify({ reference: WORKFLOW_ID, status: 'DELIVERED' });
    for (const [coding, body] of [
      ['gzip', gzipSync(plain)],
      ['br', brotliCompressSync(plain)],
    ] as const) {
      const headers = { 'content-type': 'application/json', 'content-encoding': coding, ...signedBytes(body) };
      expect((await fetch(`${url}/webhooks/sms/http`, { method: 'POST', body, headers })).status).toBe(415);
    }
    expect(await counted({ source: 'smsHttp' })).toBe(0);
    const body = Buffer.from(plain);
    for (const coding of ['identity', 'Identity', ' identity , identity', '']) {
      const headers = { 'content-type': 'application/json', 'content-encoding': coding, ...signedBytes(body) };
      expect((await fetch(`${url}/webhooks/sms/http`, { method: 'POST', body, headers })).status).toBe(200);
    }
    expect(deliveries.signals).toHaveLength(1);
  });

  test.each([
    'application/json; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json; charset=us-ascii',
  ])('a byte order mark does not matter: %s', async (type) => {
    const { url, deliveries } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const call = { body: `\uFEFF${body}`, headers: { ...headers, 'content-type': type } };
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
    expect(deliveries.signals).toHaveLength(1);
  });

  test.each(ROUTES)('%s refuses an empty body', async (route) => {
    const { url } = await startWebhook({ sms: SMS });
    for (const headers of [{}, { 'content-type': TYPES[route] ?? '' }]) {
      const { status } = await fetch(url + route, { method: 'POST', headers });
      expect([400, 401, 415]).toContain(status);
    }
  });

  test('application/json with parameters is accepted', async () => {
    const { url } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const type = 'application/json; charset=UTF-8';
    expect((await post(`${url}/webhooks/rbm`, { body, headers: { ...headers, 'content-type': type } })).status).toBe(
      200,
    );
  });

  test('no body at all', async () => {
    const { url } = await startWebhook();
    expect((await fetch(`${url}/webhooks/rbm`, { method: 'POST' })).status).toBe(400);
  });
});

describe('slow and broken senders', () => {
  const HEAD = 'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

  test('a body that does not arrive is answered 408', async () => {
    const { url } = await startWebhook({ limits: { requestTimeoutMs: 500, headersTimeoutMs: 300 } });
    const { socket, received, ended } = await openSocket(url);
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{"message"`);
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a body that arrives byte by byte is answered 408 as well', async () => {
    const { url } = await startWebhook({ limits: { requestTimeoutMs: 500, headersTimeoutMs: 300 } });
    const { socket, received, ended } = await openSocket(url);
    socket.write(`${HEAD}Content-Length: 100000\r\n\r\n`);
    await Promise.race([ended, dribble(socket)]);
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('headers that do not end are answered 408', async () => {
    const { url } = await startWebhook({ limits: { requestTimeoutMs: 1_000, headersTimeoutMs: 300 } });
    const { socket, received, ended } = await openSocket(url);
    socket.write(HEAD);
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a sender that goes on after 413 is cut off', async () => {
    const { url } = await startWebhook({ limits: { requestTimeoutMs: 500, headersTimeoutMs: 300 } });
    const { socket, received, ended } = await openSocket(url);
    socket.write(`${HEAD}Content-Length: 900000000\r\n\r\n`);
    await Promise.race([ended, dribble(socket)]);
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    ['headers that are too long', `${HEAD}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['what is not HTTP', `${PHONE}\r\n\r\n`, 400],
    ['a path that can not be decoded', `GET /%world/${PHONE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 400],
    ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['a length and chunks', `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ])('%s', async (_, sent, status) => {
    const { url, logs } = await startWebhook();
    const { socket, received, ended } = await openSocket(url);
    socket.write(sent);
    await ended;
    const [head, body] = received().split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(Object.keys(JSON.parse(body ?? '') as object)).toEqual(['code', 'message']);
    expect(received() + logs()).not.toContain(PHONE);
  });

  test('a sender that hangs up in the middle is counted and forgotten', async () => {
    const { url, counted } = await startWebhook();
    const { socket, ended } = await openSocket(url);
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{"message"`);
    await untilCounted(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight'), 1);
    socket.destroy();
    await ended;
    await untilCounted(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight'), 0);
  });

  async function untilCounted(value: () => Promise<number>, expected: number): Promise<void> {
    await expect.poll(value).toBe(expected);
  }
});

test('an unexpected error is answered without details, and logged without its message', async () => {
  const { send, deliveries, logs } = await startWebhook();
  deliveries.signal = () => Promise.reject(new Error(`unexpected ${PHONE}`));
  const answer = await send(deliveredEvent());
  expect(answer.status).toBe(500);
  expect(JSON.parse(answer.text)).toEqual({ code: 'INTERNAL', message: 'an unexpected error' });
  expect(logs()).toContain('unexpected error');
  expect(logs()).toMatch(/"trace":\["at /);
  expect(logs()).not.toContain(PHONE);
});

async function dribble(socket: { readonly destroyed: boolean; write(text: string): unknown }): Promise<void> {
  while (!socket.destroyed) {
    socket.write('x');
    await delay(50);
  }
}
