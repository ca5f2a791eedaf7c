import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { signStandardWebhook } from '../../src/http/standard-webhooks.js';
import { createSharedWork, rbmWebhook, smsHttpWebhook } from '../../src/webhook/index.js';
import { createMemoryDeliveries } from './support/memory-deliveries.js';
import { CLIENT_TOKEN, deliveredEvent, post, signedCall, WORKFLOW_ID } from './support/rbm-sender.js';
import { captureLogs, startWebhook } from './support/start-webhook.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const LIMITS = { signalsInFlight: 2, signalsWaiting: 0 };

const event = () => signedCall(deliveredEvent({ messageId: crypto.randomUUID() }));
function receipt() {
  const body = JSON.stringify({ reference: WORKFLOW_ID, status: 'DELIVERED' });
  const signed = signStandardWebhook({ secret: SECRET, id: 'msg_1', body });
  return { body, headers: { 'content-type': 'application/json', ...signed } };
}

async function embedTwo() {
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  const deliveries = createMemoryDeliveries();
  const work = createSharedWork(LIMITS);
  const shared = { deliveries, registry: new Registry(), log: captureLogs().log, limits: LIMITS, work };
  app.register(rbmWebhook, { ...shared, clientTokens: [CLIENT_TOKEN] });
  app.register(smsHttpWebhook, { ...shared, secrets: [SECRET] });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${String((app.server.address() as AddressInfo).port)}`, deliveries };
}

test.each([
  ['of one server', () => startWebhook({ limits: LIMITS, sms: { http: { secrets: [SECRET] } } })],
  ['of an embedder', embedTwo],
] as const)('all routes %s share the calls to Temporal', async (_, start) => {
  const { url, deliveries } = await start();
  const release = deliveries.hold();
  const held = [post(`${url}/webhooks/rbm`, event()), post(`${url}/webhooks/rbm`, event())];
  await expect.poll(() => deliveries.calls).toBe(2);
  expect((await post(`${url}/webhooks/sms/http`, receipt())).status).toBe(503);
  release();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await post(`${url}/webhooks/sms/http`, receipt())).status).toBe(200);
});

test('a limit that does not exist is refused by its name', async () => {
  const limits = { bodyBytes: 1_000 } as object;
  await expect(startWebhook({ limits })).rejects.toThrow(/^limits has no bodyBytes/);
  expect(() => createSharedWork(limits)).toThrow(TypeError);
});
