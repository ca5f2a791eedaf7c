import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi, type TestContext } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { createEncryptingClient } from '../../examples/connect/encryption.js';
import { createDeliveries } from '../../examples/connect/existing-client.js';
import { createDeliveryClient } from '../../src/client/delivery-client.js';
import { newPhone } from '../e2e/support/deliver.js';
import { useStack } from '../e2e/support/use-stack.js';
import { EXAMPLES, run, serve } from './support/run-example.js';
import {
  keepsTerminated,
  reportsInvalidNumber,
  revokesAtOnce,
  startsOneDelivery,
  startsPromotion,
  type Starter,
} from './support/starter.js';
import { writeTemporal } from '../support/temporal-program.js';
import { WAIT } from '../support/wait.js';

const stack = useStack();
const { PATH, HOME, TMPDIR } = process.env;
const temporalEnv = () => {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = stack().env;
  return { PATH, HOME, TMPDIR, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE };
};

/** Starts an example that serves. It is stopped when the test ends. */
async function serveIn({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, file: string, env: NodeJS.ProcessEnv) {
  const example = await serve(file, env);
  onTestFinished(async () => {
    await example.end();
  });
  return example;
}

let bin = '';
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'rcs-bin-'));
  await writeTemporal(bin);
});
afterAll(() => rm(bin, { recursive: true }));

const temporalCli: Starter = (args, env) => {
  const cwd = join(EXAMPLES, 'temporal-cli');
  // The script expects the recipient first.
  const command = { command: join(cwd, 'deliver.sh'), args: [...args].reverse(), cwd };
  return run({ ...command, env: { ...env, PATH: `${bin}:${env['PATH'] ?? ''}` } });
};

test.concurrent('temporal-cli: starting a message again returns the same delivery', async () => {
  const written = await startsOneDelivery(stack(), temporalCli);
  const runIds = [...written.matchAll(/RunId\s+([0-9a-f-]{36})/g)].map(([, runId]) => runId);
  expect(runIds).toEqual([runIds[0], runIds[0], runIds[0]]);
  expect(written).toMatch(/Status\s+COMPLETED/);
});

test.concurrent('temporal-cli: a promotion starts on the queue of promotions', () =>
  startsPromotion(stack(), temporalCli));

test.concurrent('temporal-cli: revoked at once, then the SMS', async () => {
  const written = await revokesAtOnce(stack(), temporalCli, '--revoke');
  expect(written).toContain('DELIVERED_BY_SMS');
});

test.concurrent('temporal-cli: an invalid phone number is reported, and does not use the message up', () =>
  reportsInvalidNumber(stack(), temporalCli));

test.concurrent('temporal-cli: a delivery that was terminated is not started again', () =>
  keepsTerminated(stack(), temporalCli));

test.concurrent('fastify-backend: sends one code per order, shows its status, revokes it, and answers errors as HTTP', async (context) => {
  const backend = await serveIn(context, 'fastify-backend/server.ts', {
    ...temporalEnv(),
    PORT: String(await freePort()),
    MESSAGE_ID_SECRET: 'a secret for tests only',
  });
  const [url] = await backend.said(/http:\/\/\S+/);
  const orderId = randomUUID();
  const phone = newPhone();
  stack().simulator.script(phone, 'offline');
  const call = async (method: string, path: string, body?: object) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${url}/orders/${path}`, { method, ...(body && json) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  const first = await call('POST', `${orderId}/code`, { phone, code: '482913' });
  expect(first).toMatchObject({
    status: 202,
    body: { messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
  });
  expect(await call('POST', `${orderId}/code`, { phone, code: '482913' })).toEqual(first);
  expect(await call('POST', `${orderId}/code`, { phone, code: '771204' })).toMatchObject({
    status: 409,
    body: { code: 'CONFLICT' },
  });
  expect(await call('GET', `${orderId}/code`)).toMatchObject({ status: 200, body: { outcome: null } });

  expect(await call('DELETE', `${orderId}/code`)).toMatchObject({ status: 200 });
  const delivery = createDeliveryClient({ client: stack().client }).handle({
    agentId: 'acme-agent',
    messageId: String(first.body['messageId']),
  });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'REVOKED' });
  expect(stack().simulator.groundTruth(phone)).toEqual([]);
  expect(await call('GET', `${orderId}/code`)).toMatchObject({
    body: { status: 'REVOKED', channel: null, next: null },
  });

  expect(await call('DELETE', `${orderId}/code`)).toMatchObject({ status: 409, body: { code: 'DELIVERY_CLOSED' } });
  expect(await call('GET', `${randomUUID()}/code`)).toMatchObject({
    status: 404,
    body: { code: 'DELIVERY_NOT_FOUND' },
  });
  expect(await call('POST', `${orderId}/code`, { phone: '12', code: '482913' })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_INPUT', problems: [{ field: 'recipient' }] },
  });
  expect(await call('POST', `${orderId}/code`, { phone, code: 'no' })).toMatchObject({ status: 400 });
  expect(await backend.end()).toBe(0);
});

const ACME_RECEIPT_KEY = 'an acme key for tests only';

/** Posts a receipt as an SMS gateway of the embedder's own signs it. The status of the answer. */
async function postAcmeReceipt(url: string, body: string, key: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'x-acme-signature': createHmac('sha256', key).update(body).digest('hex'),
  };
  return (await fetch(`${url}/rcs/webhooks/sms/acme`, { method: 'POST', body, headers })).status;
}

test.concurrent('embed-webhook: sends events to Temporal and user messages to onEvent, beside its own routes', async (context) => {
  const { simulator, env, webhookUrl, client } = stack();
  const port = String(await freePort());
  const { RBM_WEBHOOK_CLIENT_TOKEN, SMS_WEBHOOK_SECRET, RECIPIENT_HASH_KEY = '', TASK_QUEUE } = env;
  const webhook = await serveIn(context, 'embed-webhook/server.ts', {
    ...{ ...temporalEnv(), PORT: port, RBM_WEBHOOK_CLIENT_TOKEN, SMS_WEBHOOK_SECRET, ACME_RECEIPT_KEY },
    ...{ RECIPIENT_HASH_KEY, TASK_QUEUE },
  });
  await webhook.said(/listening/);
  const url = `http://127.0.0.1:${port}`;
  expect(await (await fetch(`${url}/hello`)).json()).toEqual({ hello: 'world' });
  simulator.setWebhookUrls({ rbm: `${url}/rcs/webhooks/rbm`, sms: `${url}/rcs/webhooks/sms/http` });
  try {
    expect(await simulator.verifyWebhook()).toBe(true);
    const deliveries = createDeliveries(client);
    const send = (recipient: string, behaviour: Parameters<typeof simulator.script>[1]) => {
      simulator.script(recipient, behaviour);
      return deliveries.start({
        agentId: 'acme-agent',
        messageId: randomUUID(),
        recipient,
        contentMessage: { text: 'Your code is 482913' },
        messageTrafficType: 'AUTHENTICATION',
        ttl: '60s',
        fallback: { sms: { text: 'Your code is 482913' } },
      });
    };
    const start = async (behaviour: Parameters<typeof simulator.script>[1]) =>
      (await (await send(newPhone(), behaviour)).outcome()).outcome;
    const answers = { deliverAfter: '100ms', events: { reply: { text: 'Thank you' } } };
    expect(await Promise.all([start(answers), start('notRcs')])).toEqual(['DELIVERED', 'DELIVERED_BY_SMS']);

    const recipient = newPhone();
    const delivery = await send(recipient, 'smsWithoutReceipt');
    await vi.waitFor(() => {
      expect(simulator.groundTruth(recipient)).toHaveLength(1);
    }, WAIT);
    const receipt = JSON.stringify({ id: 'acme-1', reference: delivery.workflowId, state: 'on-phone' });
    expect(await postAcmeReceipt(url, receipt, 'a wrong key')).toBe(401);
    expect(await postAcmeReceipt(url, receipt, ACME_RECEIPT_KEY)).toBe(200);
    expect(await delivery.outcome()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { receipt: 'DELIVERED' } });

    const phone = newPhone();
    simulator.optOut({ phone, agentId: 'acme-agent' });
    const { optOuts } = createDeliveryClient({ client, searchAttributes: { recipientHashKey: RECIPIENT_HASH_KEY } });
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await vi.waitFor(async () => {
      expect(await optOuts.has({ agentId: 'acme-agent', recipient: phone })).toBe(true);
      // The keyword comes after the event. A server that closes meanwhile waits for its connection.
      expect(await metrics()).toMatch(/kind="unsubscribeKeyword",verdict="re(corded|peated)"\} 1/);
    }, WAIT);

    await webhook.said(/"kind":"text","msg":"reply"/);
    expect(await metrics()).toMatch(/rcs_webhook_events_total\{[^}]*verdict="signalled"[^}]*\} [1-9]/);
    expect(webhook.output()).not.toMatch(/1555010|Thank you|482913/);
  } finally {
    simulator.setWebhookUrls({ rbm: `${webhookUrl}/webhooks/rbm`, sms: `${webhookUrl}/webhooks/sms/http` });
  }
  expect(await webhook.end()).toBe(0);
});

test.concurrent('embed-worker: runs encrypted deliveries with its own SMS provider', async (context) => {
  const { simulator, env, client, temporal } = stack();
  const { namespace } = temporal;
  const PAYLOAD_ENCRYPTION_KEYS = `test:${randomBytes(32).toString('base64')}`;
  const { RBM_ENDPOINT, GOOGLE_APPLICATION_CREDENTIALS, SMS_HTTP_URL, SMS_HTTP_TOKEN, RECIPIENT_HASH_KEY = '' } = env;
  const worker = await serveIn(context, 'embed-worker/worker.ts', {
    ...{ ...temporalEnv(), RBM_ENDPOINT, GOOGLE_APPLICATION_CREDENTIALS, PAYLOAD_ENCRYPTION_KEYS },
    ...{ TASK_QUEUE: 'embedded', ACME_SMS_URL: SMS_HTTP_URL, ACME_SMS_TOKEN: SMS_HTTP_TOKEN, RECIPIENT_HASH_KEY },
  });
  const encrypting = createEncryptingClient(client.connection, namespace, PAYLOAD_ENCRYPTION_KEYS);
  const deliveries = createDeliveryClient({
    client: encrypting,
    taskQueue: 'embedded',
    searchAttributes: { recipientHashKey: RECIPIENT_HASH_KEY },
  });
  const recipient = newPhone();
  simulator.script(recipient, 'notRcs');
  const delivery = await deliveries.start({
    agentId: 'acme-agent',
    messageId: randomUUID(),
    recipient,
    contentMessage: { text: 'Your code is 482913' },
    ttl: '60s',
    fallback: { sms: { text: 'Your code is 482913' } },
  });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { provider: 'acme' } });
  expect(simulator.groundTruth(recipient).map(({ channel }) => channel)).toEqual(['SMS']);

  const offer = {
    agentId: 'acme-agent',
    recipient: newPhone(),
    contentMessage: { text: 'Spring sale' },
    messageTrafficType: 'PROMOTION',
    ttl: '60s',
  } as const;
  simulator.script(offer.recipient, 'offline');
  const inFlight = await deliveries.start({ ...offer, messageId: randomUUID() });
  await vi.waitFor(async () => {
    expect(await inFlight.status()).toMatchObject({ phase: 'AWAITING_DELIVERY' });
  }, WAIT);
  await deliveries.optOuts.add(offer);
  expect(await inFlight.outcome()).toMatchObject({ outcome: 'REVOKED', reason: 'optedOut' });
  const later = await deliveries.start({ ...offer, messageId: randomUUID() });
  expect(await later.outcome()).toMatchObject({ outcome: 'SUPPRESSED' });

  const history = await new Client({ connection: client.connection, namespace }).workflow
    .getHandle(delivery.workflowId)
    .fetchHistory();
  const payloads = JSON.stringify(history, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  expect(payloads).not.toContain(recipient.slice(1));
  expect(await worker.end()).toBe(0);
});
