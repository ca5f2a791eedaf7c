import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { FORWARD_TIMEOUT_MS, SIGNAL_TIMEOUT_MS } from '../../src/roles/webhook.js';
import { DEFAULT_LIMITS } from '../../src/webhook/limits.js';
import { deliveredEvent, signedCall, type SignedCall } from './support/rbm-sender.js';
import { openSocket } from './support/raw-socket.js';
import { startWebhook } from './support/start-webhook.js';
import { WAIT } from '../support/wait.js';

interface KeptAnswer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
}

/** A client that keeps its connections open, as RBM's does. */
function keepAliveClient(url: string) {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => {
    agent.destroy();
  });
  return ({ body, headers }: SignedCall): Promise<KeptAnswer> =>
    new Promise((resolve, reject) => {
      const call = request(`${url}/webhooks/rbm`, { method: 'POST', headers, agent }, (response) => {
        response.resume().on('end', () => {
          resolve({ status: response.statusCode, connection: response.headers.connection });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
}

test('close() lets the events in flight become durable, acknowledges them, and then resolves at once', async () => {
  const { app, url, deliveries } = await startWebhook({ limits: { drainMs: 30_000 } });
  const send = keepAliveClient(url);
  const release = deliveries.hold();
  const sent = [1, 2, 3].map((n) => send(signedCall(deliveredEvent({ messageId: uuid(n) }))));
  await vi.waitFor(() => {
    expect(deliveries.calls).toBe(3);
  }, WAIT);
  let closed = false;
  const closing = app.close().then(() => (closed = true));
  await vi.waitFor(() => {
    expect(app.server.listening).toBe(false);
  }, WAIT);
  expect(closed).toBe(false);
  release();
  const answers = await Promise.all(sent);
  expect(answers).toEqual([1, 2, 3].map(() => ({ status: 200, connection: 'close' })));
  expect(deliveries.signals).toHaveLength(3);
  // If the connections stayed open, this would take keepAliveTimeoutMs.
  await closing;
});

test('a new request on an open connection is answered 503, with connection: close, and not stored', async () => {
  const { app, url, deliveries } = await startWebhook();
  const { body, headers } = signedCall(deliveredEvent());
  const head = Object.entries({ host: 'x', ...headers, 'content-length': String(body.length) });
  const call = ['POST /webhooks/rbm HTTP/1.1', ...head.map(([name, value]) => `${name}: ${value}`), '', body];
  const { socket, received, ended } = await openSocket(url);
  // Half a request is sent, so the connection is in use when the server begins to close.
  socket.write(call.join('\r\n').slice(0, 20));
  const busy = await startHeld(url, deliveries);
  const closing = app.close();
  socket.write(call.join('\r\n').slice(20));
  await ended;
  expect(received()).toMatch(/^HTTP\/1\.1 503 /);
  expect(received()).toMatch(/connection: close/i);
  busy.release();
  expect((await busy.answer).status).toBe(200);
  await closing;
  expect(deliveries.signals).toHaveLength(1);
});

test('a connection that becomes idle while the server closes does not hold it open', async () => {
  const { app, url } = await startWebhook({ limits: { drainMs: 30_000 } });
  const { socket, received, ended } = await openSocket(url);
  socket.write('POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nhalf');
  await vi.waitFor(() => {
    expect(received()).toMatch(/^HTTP\/1\.1 415 /);
  }, WAIT);
  const started = performance.now();
  const closing = app.close();
  socket.write('done');
  await closing;
  await ended;
  expect(performance.now() - started).toBeLessThan(25_000);
});

test('a stalled sender does not hold the server open, and requests in progress still finish', async () => {
  const { app, url, deliveries } = await startWebhook({ limits: { stalledMs: 100, drainMs: 30_000 } });
  const stalledRequests = [
    'POST /webh',
    'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  ];
  const stalled = await Promise.all(stalledRequests.map(() => openSocket(url)));
  stalled.forEach(({ socket }, index) => socket.write(stalledRequests[index] ?? ''));
  const busy = await startHeld(url, deliveries);
  const closing = app.close();
  await Promise.all(stalled.map(({ ended }) => ended));
  busy.release();
  expect((await busy.answer).status).toBe(200);
  await closing;
});

test('what does not finish within drainMs is cut off, unacknowledged', async () => {
  const { app, url, deliveries } = await startWebhook({ limits: { drainMs: 200 } });
  const slow = await openSocket(url);
  slow.socket.write(
    'POST /webhooks/rbm HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  );
  const busy = await startHeld(url, deliveries);
  const answer = busy.answer.catch(() => 'cut off');
  await app.close();
  expect(await answer).toBe('cut off');
  await slow.ended;
  expect(slow.received()).toBe('');
  busy.release();
});

test('an event that uses up every time limit is still acknowledged', async () => {
  const { stalledMs, signalWaitMs, forwardWaitMs, handlerTimeoutMs, drainMs } = DEFAULT_LIMITS;
  const longest = [stalledMs, signalWaitMs, SIGNAL_TIMEOUT_MS, forwardWaitMs, handlerTimeoutMs, FORWARD_TIMEOUT_MS];
  expect(longest.reduce((sum, ms) => sum + ms)).toBeLessThan(drainMs);
  const { shutdownDelayMs } = readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN: 'test-client-token' });
  // Kubernetes gives a pod 30 s by default.
  expect(shutdownDelayMs + drainMs).toBeLessThan(30_000);
  const compose = await readFile('docker-compose.yml', 'utf8');
  const [, webhook = ''] = /\n {2}webhook:\n([^]*?)\n {2}\w/.exec(compose) ?? [];
  expect(Number(/stop_grace_period: (\d+)s/.exec(webhook)?.[1]) * 1_000).toBeGreaterThan(shutdownDelayMs + drainMs);
});

async function startHeld(url: string, deliveries: { hold(): () => void; readonly calls: number }) {
  const release = deliveries.hold();
  const before = deliveries.calls;
  const answer = keepAliveClient(url)(signedCall(deliveredEvent({ messageId: uuid(9) })));
  await vi.waitFor(() => {
    expect(deliveries.calls).toBe(before + 1);
  }, WAIT);
  return { release, answer };
}

function uuid(n: number): string {
  return `0b2f6d0e-3c1f-4a57-9d8e-${String(n).padStart(12, '0')}`;
}
