import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import { json, serve } from '../http/loopback.js';
import { startWebhook } from '../webhook/support/start-webhook.js';
import { shellBlocks } from './pages.js';

/** The commands of docs/sms-gateway.md, run as a reader runs them. test/docs/commands.test.ts runs them against a stack. */
const PAGE = 'docs/sms-gateway.md';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const WORKFLOW_ID = 'message-delivery:acme-agent:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';

function run(marker: string, environment: Readonly<Record<string, string>>) {
  const block = shellBlocks(PAGE).find((one) => one.includes(marker)) ?? `no block has ${marker}`;
  const env = { PATH: process.env['PATH'], ...environment };
  return promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', block], { env, timeout: 60_000 });
}

test('the curl of the request sends what the worker sends', async () => {
  const { url, received } = await serve(json(202, { id: 'sms-1' }));
  const { stdout } = await run('SMS_HTTP_TOKEN', { SMS_HTTP_URL: url, SMS_HTTP_TOKEN: 'my-token' });
  expect(JSON.parse(stdout)).toEqual({ id: 'sms-1' });
  await createHttpSmsProvider({ url, token: 'my-token' }).send({
    ...{ to: '+15550100001', text: 'Your code is 482913', validitySeconds: 600 },
    ...{ reference: WORKFLOW_ID, idempotencyKey: WORKFLOW_ID, timeoutMs: 5_000 },
  });
  const [byHand, byWorker] = received.map(({ method, path, headers, body }) => ({
    ...{ method, path, body: JSON.parse(body) as unknown },
    headers: ['authorization', 'content-type', 'idempotency-key'].map((name) => headers[name]),
  }));
  expect(byHand).toEqual(byWorker);
});

test('the curl of the receipt signs it, and the webhook takes it', async () => {
  const { url, deliveries } = await startWebhook({ sms: { http: { secrets: [SECRET] } } });
  await run('webhook-signature', { WEBHOOK: url, SMS_WEBHOOK_SECRET: SECRET });
  expect(deliveries.signals).toEqual([
    {
      ...{ workflowId: WORKFLOW_ID, name: 'smsStatus' },
      payload: expect.objectContaining({
        status: 'DELIVERED',
        eventId: expect.stringMatching(/^msg_/) as string,
      }) as unknown,
    },
  ]);
});

test('it fails if the secret is another one', async () => {
  const { url, deliveries } = await startWebhook({ sms: { http: { secrets: [SECRET] } } });
  const wrong = run('webhook-signature', { WEBHOOK: url, SMS_WEBHOOK_SECRET: 'whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0' });
  await expect(wrong).rejects.toThrow(/401/);
  expect(deliveries.calls).toBe(0);
});
