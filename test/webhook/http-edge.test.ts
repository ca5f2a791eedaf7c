import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { deliveredEvent, PHONE, post, signedCall } from './support/rbm-sender.js';
import { openSocket } from './support/raw-socket.js';
import { startWebhook } from './support/start-webhook.js';

const SMS = {
  http: { secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] },
  twilio: { authTokens: ['t'], publicUrl: 'https://x.example' },
};
const ROUTES = ['/webhooks/rbm', '/webhooks/sms/http', '/webhooks/sms/twilio'];

describe('order of checks: path, method, content type, size, signature', () => {
  test('an unknown path', async () => {
    const { url } = await startWebhook();
    const response = await fetch(`${url}/webhooks/${PHONE}`, { method: 'PUT' });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain(PHONE);
  });

  test.each(ROUTES)('%s takes POST only', async (route) => {
    const { url } = await startWebhook({ sms: SMS });
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await fetch(url + route, { method });
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST']);
    }
    // Neither the content type nor the size matters then.
    const large = { method: 'PUT', body: 'x'.repeat(2_000_000), headers: { 'content-type': 'image/png' } };
    expect((await fetch(url + route, large)).status).toBe(405);
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

  test('application/json with parameters is taken', async () => {
    const { url } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const type = 'application/json; charset=UTF-8';
    expect((await post(`${url}/webhooks/rbm`, { body, headers: { ...headers, 'content-type': type } })).status).toBe(
      200,
    );
  });

  test.each([1024 * 1024 + 1, 2_000_000, 11_000_000])('a body of %d bytes is refused with 413', async (size) => {
    const { url, deliveries } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const answer = await post(`${url}/webhooks/rbm`, { headers, body: body.padEnd(size) });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(deliveries.calls).toBe(0);
  });

  test('a body of exactly the limit is taken', async () => {
    const { url } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    expect((await post(`${url}/webhooks/rbm`, { headers, body: body.padEnd(1024 * 1024) })).status).toBe(200);
  });

  test('a body that does not say its length is cut off at the limit', async () => {
    const { url } = await startWebhook();
    expect(await postInChunks(`${url}/webhooks/rbm`, 3_000_000)).toBe(413);
  });

  test('no body at all', async () => {
    const { url } = await startWebhook();
    expect((await fetch(`${url}/webhooks/rbm`, { method: 'POST' })).status).toBe(400);
  });
});

describe('slow and broken senders', () => {
  const HEAD = 'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

  test('a body that does not come is answered 408', async () => {
    const { url } = await startWebhook({ limits: { requestTimeoutMs: 500, headersTimeoutMs: 300 } });
    const { socket, received, ended } = await openSocket(url);
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{"message"`);
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a body that comes byte by byte is answered 408, too', async () => {
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

  test('whoever goes on sending after 413 is cut off', async () => {
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

describe('one sender can not keep the server busy', () => {
  test('a connection that does not wait for its answers is cut, and others are served meanwhile', async () => {
    const { url, send } = await startWebhook();
    const flood = await openSocket(url);
    flood.socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20_000));
    const answer = await send(deliveredEvent());
    await flood.ended;
    expect(answer.status).toBe(200);
    expect((flood.received().match(/HTTP\/1\.1 404/g) ?? []).length).toBeLessThan(100);
  });

  test('large bodies share a bounded memory: 503 beyond it, while events still come through', async () => {
    const { url, send } = await startWebhook({ limits: { bodiesBytes: 250_000 } });
    const head =
      'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n';
    const large = await Promise.all([1, 2, 3].map(() => openSocket(url)));
    for (const { socket } of large) socket.write(`${head}${'x'.repeat(50_000)}`);
    await expect.poll(() => large.map(({ received }) => received()).join('')).toMatch(/HTTP\/1\.1 503 /);
    expect((await send(deliveredEvent())).status).toBe(200);
    for (const { socket } of large) socket.destroy();
    await Promise.all(large.map(({ ended }) => ended));
    // What they had taken is given back.
    const { headers, body } = signedCall(deliveredEvent());
    await expect
      .poll(async () => (await post(`${url}/webhooks/rbm`, { headers, body: body.padEnd(200_000) })).status)
      .toBe(200);
  });

  test('idle connections make room when there are too many; it is counted and told', async () => {
    const { url, send, counted, logs } = await startWebhook({ limits: { connections: 5 } });
    const idle = await Promise.all(Array.from({ length: 5 }, () => openSocket(url)));
    for (const { socket } of idle) socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => idle.every(({ received }) => received().includes('200 OK'))).toBe(true);
    const dropped = await openSocket(url);
    await dropped.ended;
    await Promise.all(idle.map(({ ended }) => ended));
    expect((await send(deliveredEvent())).status).toBe(200);
    expect(await counted({}, 'rcs_webhook_connections_dropped_total')).toBe(1);
    expect(logs()).toContain('too many connections');
  });
});

test('connections over the bound are dropped', async () => {
  const { url } = await startWebhook({ limits: { connections: 2 } });
  await openSocket(url);
  await openSocket(url);
  const third = await openSocket(url);
  await third.ended;
  expect(third.received()).toBe('');
});

test('an error of ours is answered without a word about it, and logged without its message', async () => {
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

function postInChunks(url: string, size: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    for (let sent = 0; sent < size; sent += 100_000) call.write('x'.repeat(100_000));
    call.end();
  });
}
