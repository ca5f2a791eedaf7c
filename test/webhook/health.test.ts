import { Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';
import { openSocket } from './support/raw-socket.js';
import { deliveredEvent } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

test('/healthz says alive even while Temporal is down; /readyz does not say ready', async () => {
  const { url, deliveries } = await startWebhook();
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
