import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { deliveredEvent, signedCall, type SignedCall } from './support/rbm-sender.js';
import { openSocket, type RawSocket } from './support/raw-socket.js';
import { startWebhook } from './support/start-webhook.js';

describe('one sender can not keep the server busy', () => {
  test('a connection that does not wait for its answers is closed, and others are served meanwhile', async () => {
    const { url, send } = await startWebhook();
    const flood = await openSocket(url);
    flood.socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20_000));
    const answer = await send(deliveredEvent());
    await flood.ended;
    expect(answer.status).toBe(200);
    expect((flood.received().match(/HTTP\/1\.1 404/g) ?? []).length).toBeLessThan(100);
  });

  test('also if each of its requests is refused at once', async () => {
    const { url, counted } = await startWebhook();
    const { body, headers } = signedCall(deliveredEvent(), 'forged');
    const all = { host: 'x', ...headers, 'content-length': String(body.length) };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    const flood = await openSocket(url);
    flood.socket.write(['POST /webhooks/rbm HTTP/1.1', ...head, '', body].join('\r\n').repeat(1_000));
    await flood.ended;
    expect(await counted({ source: 'rbm', verdict: 'unsigned' })).toBeLessThan(100);
  });

  const HEAD = 'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const BODY = `${HEAD}Content-Length: 1000\r\n\r\n`;

  async function open(url: string, sent: string): Promise<RawSocket> {
    const opened = await openSocket(url);
    opened.socket.write(sent);
    return opened;
  }
  const isOpen = ({ socket }: RawSocket) => !socket.destroyed && !socket.readableEnded;

  test.each([
    ['that have been answered', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', /200 OK/],
    ['that send nothing', '', /^/],
    ['that send a part of a header', HEAD, /^/],
    ['that send a part of a body', `${BODY}{"message"`, /^/],
  ])('too many connections %s: the oldest is closed', async (_, sent, answer) => {
    const { url, send, counted, logs } = await startWebhook({ limits: { connections: 5 } });
    const held: RawSocket[] = [];
    for (let opened = 0; opened < 5; opened += 1) held.push(await open(url, sent));
    await expect.poll(() => held.every(({ received }) => answer.test(received()))).toBe(true);
    const uploading = sent.startsWith(BODY) ? 5 : 0;
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(uploading);
    expect((await send(deliveredEvent())).status).toBe(200);
    await held[0]?.ended;
    expect(held.slice(1).filter(isOpen)).toHaveLength(4);
    expect(await counted({}, 'rcs_webhook_connections_dropped_total')).toBe(1);
    expect(logs()).toContain('too many connections');
  });

  test('a flood of connections keeps nobody out, and is one line in the log', async () => {
    const { url, deliveries, counted, logs } = await startWebhook({ limits: { connections: 20 } });
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 10 }, (_, n) => open(url, n % 2 === 0 ? '' : BODY)));
      expect(await postOnce(url, signedCall(deliveredEvent({ messageId: crypto.randomUUID() })))).toBe(200);
    }
    expect(deliveries.signals).toHaveLength(10);
    expect(await counted({}, 'rcs_webhook_connections_dropped_total')).toBeGreaterThanOrEqual(80);
    expect(logs().match(/too many connections/g)).toHaveLength(1);
  });

  test('a connection counts as idle since its last answer', async () => {
    const { url } = await startWebhook({ limits: { connections: 2 } });
    const kept = await openSocket(url);
    const silent = await openSocket(url);
    kept.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(kept.received).toContain('200 OK');
    await openSocket(url);
    await silent.ended;
    expect(isOpen(kept)).toBe(true);
  });

  test('a connection with a body on its way is closed only if none is idle', async () => {
    const { url, counted } = await startWebhook({ limits: { connections: 2 } });
    const uploading = await open(url, BODY);
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(1);
    const idle = await openSocket(url);
    const next = await open(url, BODY);
    await idle.ended;
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(2);
    expect([uploading, next].every(isOpen)).toBe(true);
    await openSocket(url);
    await uploading.ended;
    expect(isOpen(next)).toBe(true);
  });

  test('a request that is being handled is never cut off: the new connection is dropped, counted and logged', async () => {
    const { url, send, deliveries, counted, logs } = await startWebhook({ limits: { connections: 2 } });
    const release = deliveries.hold();
    const handled = [1, 2].map(() => send(deliveredEvent({ messageId: crypto.randomUUID() })));
    await expect.poll(() => deliveries.calls).toBe(2);
    const third = await openSocket(url);
    await third.ended;
    expect(third.received()).toBe('');
    release();
    expect((await Promise.all(handled)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await counted({}, 'rcs_webhook_connections_dropped_total')).toBe(1);
    expect(logs()).toContain('too many connections');
  });
});

describe('an idle connection', () => {
  const GET = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  const answersOf = ({ received }: RawSocket) => received().match(/HTTP\/1\.1 200/g)?.length ?? 0;

  test('is kept longer than the balancers of Google keep it', async () => {
    const { url } = await startWebhook();
    const kept = await openSocket(url);
    kept.socket.write(GET);
    await expect.poll(kept.received).toMatch(/\r\nkeep-alive: timeout=620\r\n/i);
  });

  test('is kept for keepAliveTimeoutMs, whatever the time limits for a request are', async () => {
    const limits = {
      headersTimeoutMs: 50,
      requestTimeoutMs: 100,
      connectionTimeoutMs: 150,
      keepAliveTimeoutMs: 60_000,
    };
    const { url } = await startWebhook({ limits });
    const kept = await openSocket(url);
    kept.socket.write(GET);
    await expect.poll(() => answersOf(kept)).toBe(1);
    // Each of these connections lasts longer than the limits.
    for (let round = 0; round < 2; round += 1) {
      const stalled = await openSocket(url);
      stalled.socket.write('POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\n');
      await stalled.ended;
      kept.socket.write(GET);
      await expect.poll(() => answersOf(kept)).toBe(2 + round);
    }
  });

  test('is closed after keepAliveTimeoutMs', async () => {
    const { url } = await startWebhook({ limits: { keepAliveTimeoutMs: 100 } });
    const kept = await openSocket(url);
    kept.socket.write(GET);
    await kept.ended;
    expect(answersOf(kept)).toBe(1);
  });
});

/** Posts over a connection of its own. */
function postOnce(url: string, { body, headers }: SignedCall): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/webhooks/rbm`, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode);
      });
    });
    call.on('error', reject).end(body);
  });
}
