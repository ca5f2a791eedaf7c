import { Registry } from 'prom-client';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { buildAdminServer } from '../../src/webhook/build-admin-server.js';
import { openSocket } from './support/raw-socket.js';
import { deliveredEvent } from './support/rbm-sender.js';
import { captureLogs, startWebhook } from './support/start-webhook.js';

test('/healthz says alive even while Temporal is down; /readyz does not say ready', async () => {
  const { url, deliveries } = await startWebhook({ limits: { answersHoldMs: 0 } });
  const status = async (path: string) => (await fetch(url + path)).status;
  expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
  deliveries.down = true;
  expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
  deliveries.down = false;
  expect(await status('/readyz')).toBe(200);
});

test('simultaneous requests for /readyz share one call to Temporal', async () => {
  const { url, deliveries } = await startWebhook();
  let pings = 0;
  let answer = (): void => undefined;
  deliveries.ping = () => {
    pings += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const asked = [1, 2, 3].map(() => fetch(`${url}/readyz`));
  await expect.poll(() => pings).toBe(1);
  // This answer shows that the server has received all three.
  await fetch(`${url}/healthz`);
  answer();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('a flood of /readyz and /metrics costs one call to Temporal and one text, while the answer holds', async () => {
  const registry = new Registry();
  const { url, deliveries } = await startWebhook({ registry, limits: { answersHoldMs: 60_000 } });
  const ping = vi.spyOn(deliveries, 'ping');
  const text = vi.spyOn(registry, 'metrics');
  for (let asked = 0; asked < 20; asked += 1) {
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  }
  expect(ping).toHaveBeenCalledOnce();
  expect(text).toHaveBeenCalledOnce();
});

test('an answer does not hold for ever', async () => {
  const { url, deliveries } = await startWebhook();
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  expect(await ready()).toBe(200);
  deliveries.down = true;
  await expect.poll(ready).toBe(503);
  deliveries.down = false;
  await expect.poll(ready).toBe(200);
});

test('from the shutdown on, /readyz answers 503 at once while events are still accepted', async () => {
  const shutdown = new AbortController();
  const { url, send, deliveries } = await startWebhook({ shutdown: shutdown.signal });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const before = await send(deliveredEvent());
  expect(before.headers.get('connection')).toBe('keep-alive');
  shutdown.abort();
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'not ready', reason: 'the process shuts down' });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const after = await send(deliveredEvent({ messageId: crypto.randomUUID() }));
  expect([after.status, after.headers.get('connection')]).toEqual([200, 'close']);
  expect(deliveries.signals).toHaveLength(2);
});

test('a shutdown that begins while Temporal is asked is answered 503', async () => {
  const shutdown = new AbortController();
  const { url, deliveries } = await startWebhook({ shutdown: shutdown.signal });
  deliveries.ping = () => {
    shutdown.abort();
    return Promise.resolve();
  };
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
});

describe('with a port of their own', () => {
  async function startBoth() {
    const registry = new Registry();
    const shutdown = new AbortController();
    const rig = await startWebhook({ registry, probes: false, shutdown: shutdown.signal });
    const { log } = captureLogs();
    const app = buildAdminServer({ deliveries: rig.deliveries, registry, log, shutdown: shutdown.signal });
    onTestFinished(() => app.close());
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    return { ...rig, shutdown, adminUrl: `http://127.0.0.1:${String(port)}` };
  }

  test.each(['/healthz', '/readyz', '/metrics'])('%s is answered there, and 404 at the public one', async (path) => {
    const { url, adminUrl, send, shutdown } = await startBoth();
    expect((await send(deliveredEvent())).status).toBe(200);
    expect((await fetch(adminUrl + path)).status).toBe(200);
    for (const method of ['GET', 'HEAD', 'POST']) expect((await fetch(url + path, { method })).status).toBe(404);
    expect((await fetch(`${adminUrl}/webhooks/rbm`, { method: 'POST' })).status).toBe(404);
    shutdown.abort();
    expect((await fetch(adminUrl + path)).status).toBe(path === '/readyz' ? 503 : 200);
  });

  test('/metrics there shows what the public server does', async () => {
    const { adminUrl, send } = await startBoth();
    await send(deliveredEvent());
    expect(await (await fetch(`${adminUrl}/metrics`)).text()).toContain('kind="delivered",verdict="signalled"} 1');
  });
});

test('/metrics shows events, durations and what is in flight', async () => {
  const { url, send } = await startWebhook();
  await send(deliveredEvent());
  await send(deliveredEvent(), 'forged');
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  const text = await response.text();
  expect(text).toContain('rcs_webhook_events_total{source="rbm",kind="delivered",verdict="signalled"} 1');
  expect(text).toContain('rcs_webhook_request_duration_seconds_count{source="rbm",status="200"} 1');
  expect(text).toContain('rcs_webhook_request_duration_seconds_count{source="rbm",status="401"} 1');
  expect(text).toContain('rcs_webhook_in_flight{source="rbm"} 0');
});

test('simultaneous requests for /metrics share one text', async () => {
  const registry = new Registry();
  const { url } = await startWebhook({ registry });
  const text = vi.spyOn(registry, 'metrics');
  const get = (connection: string) => `GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
  const sockets = await Promise.all(Array.from({ length: 12 }, () => openSocket(url)));
  for (const { socket } of sockets) socket.write(get('keep-alive').repeat(7) + get('close'));
  await Promise.all(sockets.map(({ ended }) => ended));
  for (const { received } of sockets) expect(received().match(/HTTP\/1\.1 200 OK/g)).toHaveLength(8);
  expect(text.mock.calls.length).toBeLessThan(30);
});

test.each([[[]], [['']]])('a server without a clientToken does not start: %j', async (clientTokens) => {
  await expect(startWebhook({ rbm: { clientTokens } })).rejects.toThrow(/^clientTokens must/);
});

test('a server with an empty allow-list does not start', async () => {
  await expect(startWebhook({ rbm: { clientTokens: ['x'], agents: [] } })).rejects.toThrow(/^agents must/);
});
