import { describe, expect, test, vi } from 'vitest';
import { chunkOf, inChunks, postChunked } from './support/chunked.js';
import { openSocket } from './support/raw-socket.js';
import { deliveredEvent, post, signedCall } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';
import { WAIT } from '../support/wait.js';

const RBM_LIMIT = 256 * 1024;
const SMS_LIMIT = 64 * 1024;
const SMS = { http: { secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] } };
const HEAD = 'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const uuid = (n: number) => `0b2f6d0e-3c1f-4a57-9d8e-${String(n).padStart(12, '0')}`;
const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);

describe('the largest body', () => {
  test('of exactly the limit is accepted, in one piece or in chunks', async () => {
    const { url } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const call = { headers, body: body.padEnd(RBM_LIMIT) };
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
    expect(await postChunked(`${url}/webhooks/rbm`, call, 1_000)).toBe(200);
  });

  test.each([RBM_LIMIT + 1, 2_000_000, 11_000_000])('%d bytes are answered 413, every time', async (size) => {
    const { url, deliveries } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const call = { headers, body: body.padEnd(size) };
    for (let sent = 0; sent < 10; sent += 1) {
      const answer = await post(`${url}/webhooks/rbm`, call);
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'BODY_TOO_LARGE' });
      expect(await postChunked(`${url}/webhooks/rbm`, call, 100_000)).toBe(413);
    }
    expect(deliveries.calls).toBe(0);
  });

  test('of an SMS receipt is smaller', async () => {
    const { url } = await startWebhook({ sms: SMS });
    const headers = { 'content-type': 'application/json' };
    const statusFor = async (size: number) =>
      (await post(`${url}/webhooks/sms/http`, { headers, body: '{}'.padEnd(size) })).status;
    expect([await statusFor(SMS_LIMIT), await statusFor(SMS_LIMIT + 1)]).toEqual([401, 413]);
  });

  test('the connection stays open after 413: the next event is accepted', async () => {
    const { url } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    const { socket, received } = await openSocket(url);
    socket.write(`${HEAD}Content-Length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`);
    const signature = `X-Goog-Signature: ${headers['x-goog-signature'] ?? ''}`;
    socket.write(`${HEAD}${signature}\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`);
    await expect.poll(() => received().match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  test('413 while the server closes says that the connection closes as well', async () => {
    const { app, url, counted } = await startWebhook();
    const { socket, received, ended } = await openSocket(url);
    socket.write(`${CHUNKED}${chunkOf('x'.repeat(200_000))}`);
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(1);
    const closing = app.close();
    await vi.waitFor(() => {
      expect(app.server.listening).toBe(false);
    }, WAIT);
    socket.write(chunkOf('x'.repeat(100_000)));
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i);
    await closing;
  });
});

describe('chunks', () => {
  test('300 valid events at one time without a Content-Length are all accepted', async () => {
    const { url, deliveries, counted } = await startWebhook();
    const release = deliveries.hold();
    const calls = Array.from({ length: 300 }, (_, n) => signedCall(deliveredEvent({ messageId: uuid(n) })));
    const answers = calls.map((call) => postChunked(`${url}/webhooks/rbm`, call));
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(300);
    release();
    expect((await Promise.all(answers)).filter((status) => status !== 200)).toEqual([]);
  });

  test('stalled senders keep nobody out, large bodies included', async () => {
    const { url } = await startWebhook();
    const stalled = await Promise.all(Array.from({ length: 100 }, () => openSocket(url)));
    for (const { socket } of stalled) socket.write(CHUNKED + chunkOf('{'));
    const { headers, body } = signedCall(deliveredEvent());
    const call = { headers, body: body.padEnd(RBM_LIMIT) };
    expect(await postChunked(`${url}/webhooks/rbm`, call)).toBe(200);
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
  });

  test.each([1, 7, 100])('of %d bytes make the same event', async (length) => {
    const { url, deliveries } = await startWebhook();
    const { headers, body } = signedCall(deliveredEvent());
    // Single bytes are accepted up to about 250; an event of any length in the chunks that a proxy makes.
    const short = length === 1 ? signedCall({ eventType: 'IS_TYPING' }) : { headers, body };
    const { socket, received } = await openSocket(url);
    const head = Object.entries(short.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const minified = length === 1 ? JSON.stringify({ message: { data: dataOf(short.body) } }) : short.body;
    socket.write(`POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n${head.join('')}\r\n`);
    socket.write(inChunks(minified, length));
    await expect.poll(() => statusOf(received())).toBe(200);
    expect(deliveries.calls).toBe(length === 1 ? 0 : 1);
  });

  test('of one byte without end are refused, and their connection is closed', async () => {
    const { url, send } = await startWebhook();
    const floods = await Promise.all(Array.from({ length: 10 }, () => openSocket(url)));
    for (const { socket } of floods) socket.write(CHUNKED + chunkOf('x').repeat(100_000));
    await Promise.all(floods.map(({ ended }) => ended));
    for (const { received } of floods) {
      expect(received()).toMatch(/^HTTP\/1\.1 400 [^]*connection: close[^]*"BAD_REQUEST"/i);
      expect(received().match(/HTTP\/1\.1/g)).toHaveLength(1);
    }
    expect((await send(deliveredEvent())).status).toBe(200);
  });

  test('of one byte after 413 end the connection', async () => {
    const { url } = await startWebhook();
    const { socket, received, ended } = await openSocket(url);
    socket.write(`${CHUNKED}${chunkOf('x'.repeat(RBM_LIMIT + 1))}`);
    await expect.poll(received).toMatch(/^HTTP\/1\.1 413 /);
    socket.write(chunkOf('x').repeat(100_000));
    await ended;
  });
});

describe('large bodies share a limited memory', () => {
  test('of all routes together: 503 beyond it, while events are still accepted', async () => {
    const { url, send } = await startWebhook({ sms: SMS, limits: { bodiesBytes: 120_000 } });
    const large = await Promise.all([1, 2].map(() => openSocket(url)));
    const sizes = { '/webhooks/rbm': 80_000, '/webhooks/sms/http': 60_000 };
    Object.entries(sizes).forEach(([route, size], at) => {
      const head = `${HEAD.replace('/webhooks/rbm', route)}Content-Length: ${String(size + 1)}`;
      large[at]?.socket.write(`${head}\r\n\r\n${'x'.repeat(size)}`);
    });
    await expect.poll(() => large.map(({ received }) => received()).join('')).toMatch(/HTTP\/1\.1 503 /);
    expect((await send(deliveredEvent())).status).toBe(200);
    for (const { socket } of large) socket.destroy();
    await Promise.all(large.map(({ ended }) => ended));
    // Their memory is free again.
    const { headers, body } = signedCall(deliveredEvent());
    await expect
      .poll(async () => (await post(`${url}/webhooks/rbm`, { headers, body: body.padEnd(110_000) })).status)
      .toBe(200);
  });

  test('a body keeps its memory until its event is stored', async () => {
    const { url, deliveries } = await startWebhook({ limits: { bodiesBytes: 150_000 } });
    const release = deliveries.hold();
    const { headers, body } = signedCall(deliveredEvent());
    const call = { headers, body: body.padEnd(100_000) };
    const first = post(`${url}/webhooks/rbm`, call);
    await vi.waitFor(() => {
      expect(deliveries.calls).toBe(1);
    }, WAIT);
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(503);
    release();
    expect((await first).status).toBe(200);
    await expect.poll(async () => (await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
  });

  test('a Content-Length reserves no memory before the bytes arrive', async () => {
    const { url } = await startWebhook({ limits: { bodiesBytes: 150_000 } });
    const saying = await Promise.all(Array.from({ length: 20 }, () => openSocket(url)));
    for (const { socket } of saying) socket.write(`${HEAD}Content-Length: 140000\r\n\r\n{`);
    const { headers, body } = signedCall(deliveredEvent());
    expect((await post(`${url}/webhooks/rbm`, { headers, body: body.padEnd(140_000) })).status).toBe(200);
  });
});

const dataOf = (body: string) => (JSON.parse(body) as { message: { data: string } }).message.data;
