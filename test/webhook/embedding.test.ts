import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { rbmWebhook, smsHttpWebhook, smsTwilioWebhook } from '../../src/webhook/index.js';
import { createMemoryDeliveries } from './support/memory-deliveries.js';
import { CLIENT_TOKEN, deliveredEvent, post, signedCall, WORKFLOW_ID } from './support/rbm-sender.js';
import { captureLogs, valueOf } from './support/start-webhook.js';

async function embed() {
  // Otherwise a connection that becomes idle while Fastify closes holds it open for its keep-alive time.
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  const deliveries = createMemoryDeliveries();
  const registry = new Registry();
  const shared = { deliveries, registry, log: captureLogs().log };
  app.post('/orders', (request) => request.body);
  app.post('/fails', () => {
    throw new Error('embedder');
  });
  app.register(rbmWebhook, { ...shared, clientTokens: [CLIENT_TOKEN], prefix: '/rcs' });
  app.register(smsHttpWebhook, { ...shared, secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], prefix: '/rcs' });
  app.register(smsTwilioWebhook, { ...shared, authTokens: ['tt'], publicUrl: 'https://x.example', prefix: '/rcs' });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, deliveries, registry };
}

test('the plugins work in another Fastify, under a prefix, with one registry', async () => {
  const { url, deliveries, registry } = await embed();
  expect((await post(`${url}/rcs/webhooks/rbm`, signedCall(deliveredEvent()))).status).toBe(200);
  const path = `/rcs/webhooks/sms/twilio?reference=${WORKFLOW_ID}`;
  const params = { MessageSid: 'SM1', MessageStatus: 'delivered' };
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': getExpectedTwilioSignature('tt', `https://x.example${path}`, params),
  };
  expect((await post(url + path, { body: new URLSearchParams(params).toString(), headers })).status).toBe(200);
  expect(deliveries.signals.map(({ name }) => name)).toEqual(['delivered', 'smsStatus']);
  expect(await valueOf(registry, 'rcs_webhook_events_total', { verdict: 'signalled' })).toBe(2);
});

test('the other routes keep their own parsers and error handler', async () => {
  const { url } = await embed();
  const headers = { 'content-type': 'application/json' };
  expect(await post(`${url}/orders`, { body: '{"a":1}', headers })).toMatchObject({ status: 200, text: '{"a":1}' });
  const failed = await post(`${url}/fails`, { body: '{}', headers });
  expect(JSON.parse(failed.text)).toMatchObject({ statusCode: 500, message: 'embedder' });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await post(`${url}/orders`, { body: 'a=1', headers: form })).status).toBe(415);
});

test('the webhook routes keep their errors and limits', async () => {
  const { url } = await embed();
  const forged = await post(`${url}/rcs/webhooks/rbm`, signedCall(deliveredEvent(), 'forged'));
  expect(forged.status).toBe(401);
  expect(Object.keys(JSON.parse(forged.text) as object)).toEqual(['code', 'message']);
  const { body, headers } = signedCall(deliveredEvent());
  expect((await post(`${url}/rcs/webhooks/rbm`, { body: body.padEnd(1_100_000), headers })).status).toBe(413);
  expect((await fetch(`${url}/rcs/webhooks/sms/http`)).status).toBe(405);
});
