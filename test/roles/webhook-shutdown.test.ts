import { afterEach, beforeAll, expect, test } from 'vitest';
import { endAll, serve } from '../cli/program.js';
import { sharedTemporal } from '../support/shared-temporal.js';

const OWN = { WEBHOOK_HOST: '127.0.0.1', WEBHOOK_PORT: '0', RBM_WEBHOOK_CLIENT_TOKEN: 'test-client-token' };
let temporal: Readonly<Record<string, string>>;

beforeAll(async () => {
  temporal = (await sharedTemporal()).variables;
});
afterEach(endAll);

const urlOf = (listening: unknown) => `http://${(listening as string[]).join()}`;
const readyOf = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...((await response.json()) as object) };
};
const DRAINING = { status: 'not ready', reason: 'the process shuts down' };

/** RBM's verification, over a new connection. Its answer shows that the server takes requests. */
async function verify(url: string): Promise<string> {
  const body = JSON.stringify({ clientToken: 'test-client-token', secret: 'answer-me' });
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return (await fetch(`${url}/webhooks/rbm`, { method: 'POST', body, headers })).text();
}

test.each([['SIGTERM'], ['SIGINT'], ['SIGHUP']] as const)(
  'after %s /readyz answers 503, and the port stays open for the delay',
  async (signal) => {
    const webhook = serve(['webhook'], { ...temporal, ...OWN, WEBHOOK_SHUTDOWN_DELAY: '3s' });
    const url = urlOf((await webhook.said('webhook listening'))['listening']);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const end = webhook.end(signal);
    expect(await webhook.said('shutting down')).toMatchObject({ delayMs: 3_000 });
    expect(await readyOf(url)).toEqual(DRAINING);
    expect(await verify(url)).toBe('answer-me');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await end).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  },
);

test('a second signal ends it at once, during the delay too', async () => {
  const webhook = serve(['webhook'], { ...temporal, ...OWN, WEBHOOK_SHUTDOWN_DELAY: '600s' });
  await webhook.said('webhook listening');
  const end = webhook.end();
  await webhook.said('shutting down');
  process.kill(webhook.pid, 'SIGTERM');
  expect((await end).code).toBeNull();
});

test('with a port of their own, probes and metrics are answered there, also during the delay', async () => {
  const admin = { WEBHOOK_ADMIN_PORT: '0', WEBHOOK_ADMIN_HOST: '127.0.0.1' };
  const webhook = serve(['webhook'], { ...temporal, ...OWN, ...admin, WEBHOOK_SHUTDOWN_DELAY: '3s' });
  const { listening, adminListening } = await webhook.said('webhook listening');
  const [url, adminUrl] = [urlOf(listening), urlOf(adminListening)];
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    expect((await fetch(adminUrl + path)).status).toBe(200);
    expect((await fetch(url + path)).status).toBe(404);
  }
  const end = webhook.end();
  await webhook.said('shutting down');
  expect(await readyOf(adminUrl)).toEqual(DRAINING);
  expect(await verify(url)).toBe('answer-me');
  expect((await end).code).toBe(0);
});
