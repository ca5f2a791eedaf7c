import { randomBytes } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { readWorkerConfig } from '../../src/config/worker-config.js';
import { createSmsProvider } from '../../src/sms/from-config.js';
import type * as Registry from '../../src/sms/registry.js';
import type { SmsReceipts } from '../../src/sms/sms-receipts.js';
import { problemsOf } from '../config/problems.js';
import { post, WORKFLOW_ID } from '../webhook/support/rbm-sender.js';
import { startWebhook } from '../webhook/support/start-webhook.js';
import { flights, signPigeon } from './support/pigeon-provider.js';

// A third provider is one file, ./support/pigeon-provider.ts, and this one line in the registry.
vi.mock('../../src/sms/registry.js', async (importOriginal) => {
  const { SMS_PROVIDERS } = await importOriginal<typeof Registry>();
  return { SMS_PROVIDERS: [...SMS_PROVIDERS, (await import('./support/pigeon-provider.js')).pigeonSms] };
});

const KEY = 'a key for tests only';
const RBM_WEBHOOK_CLIENT_TOKEN = 'client-token-for-tests';

describe('a worker with a third provider', () => {
  test('sends through it', async () => {
    const { sms } = readWorkerConfig({ SMS_PROVIDER: 'pigeon', PIGEON_LOFT: 'north tower' });
    expect(sms).toEqual([{ provider: 'pigeon', loft: 'north tower' }]);
    const [config] = sms;
    if (config === undefined) throw new Error('no provider');
    const provider = await createSmsProvider(config);
    const request = {
      to: '+15550100001',
      text: 'coo',
      validitySeconds: 600,
      reference: WORKFLOW_ID,
      idempotencyKey: 'k',
      timeoutMs: 1_000,
    };
    expect(await provider.send(request)).toEqual({ providerMessageId: 'pigeon-1' });
    expect(flights).toEqual([{ loft: 'north tower', request }]);
  });

  test('names it among the providers, and what it needs', () => {
    const problems = (environment: Record<string, string>) => problemsOf(() => readWorkerConfig(environment)).problems;
    expect(problems({ SMS_PROVIDER: 'owl' })).toEqual({
      SMS_PROVIDER: 'must be one or more of twilio, http, pigeon, separated by commas',
    });
    expect(problems({ SMS_PROVIDER: 'pigeon' })).toEqual({
      PIGEON_LOFT: 'is missing: SMS_PROVIDER=pigeon needs it',
    });
    expect(Object.keys(problems({ PIGEON_LOFT: 'north tower' }))).toEqual(['SMS_PROVIDER']);
  });
});

describe('a webhook server with a third provider', () => {
  const start = (environment: Record<string, string> = { PIGEON_KEY: KEY }) =>
    startWebhook({ sms: readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN, ...environment }).sms });
  const land = (url: string, body: string, signature: string | undefined = signPigeon(KEY, body)) =>
    post(`${url}/webhooks/sms/pigeon`, {
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-pigeon-signature': signature },
    });
  const RECEIPT = `ref=${WORKFLOW_ID}&state=landed&ring=7`;

  test('turns its receipts into signals', async () => {
    const { url, deliveries, counted } = await start();
    expect((await land(url, RECEIPT)).status).toBe(200);
    expect(deliveries.signals).toMatchObject([
      { workflowId: WORKFLOW_ID, name: 'smsStatus', payload: { eventId: '7', status: 'DELIVERED' } },
    ]);
    expect(await counted({ source: 'smsPigeon', kind: 'sms:DELIVERED', verdict: 'signalled' })).toBe(1);
  });

  test('checks its signatures', async () => {
    const { url, deliveries, counted } = await start();
    const forged = await land(url, RECEIPT, signPigeon('another key', RECEIPT));
    expect(forged.status).toBe(401);
    expect(JSON.parse(forged.text)).toMatchObject({ code: 'SIGNATURE_INVALID' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const unsigned = await post(`${url}/webhooks/sms/pigeon`, { body: RECEIPT, headers });
    expect(unsigned.status).toBe(400);
    expect(JSON.parse(unsigned.text)).toMatchObject({ code: 'MALFORMED' });
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsPigeon', verdict: 'unsigned' })).toBe(1);
    expect(await counted({ source: 'smsPigeon', verdict: 'malformed' })).toBe(1);
  });

  test.each([
    ['unreadable', 'state=landed'],
    ['ignored', `ref=${WORKFLOW_ID}&state=flying`],
    ['foreign', 'ref=another-system&state=landed'],
  ])('answers 200 to what is %s', async (verdict, body) => {
    const { url, deliveries, counted } = await start();
    expect((await land(url, body)).status).toBe(200);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ source: 'smsPigeon', verdict })).toBe(1);
  });

  test('has no such address without its variable, which SMS_PROVIDER makes necessary', async () => {
    const { url } = await start({});
    expect((await land(url, RECEIPT)).status).toBe(404);
    const { problems } = problemsOf(() => readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN, SMS_PROVIDER: 'pigeon' }));
    expect(problems).toEqual({ PIGEON_KEY: 'is missing: SMS_PROVIDER=pigeon needs it to check signatures' });
  });

  test('refuses a key that can be guessed, in production', () => {
    const RBM_WEBHOOK_CLIENT_TOKEN = randomBytes(24).toString('hex');
    const environment = { RBM_WEBHOOK_CLIENT_TOKEN, NODE_ENV: 'production', PIGEON_KEY: 'short' };
    expect(problemsOf(() => readWebhookConfig(environment)).problems).toEqual({
      PIGEON_KEY: expect.stringMatching(/^must be random tokens of at least 24 characters/) as string,
    });
  });
});

test("an embedder's own receipts need no registry", async () => {
  const { url, deliveries } = await startWebhook({
    smsReceipts: {
      acme: {
        contentType: 'application/json',
        read: ({ body }) => ({ kind: 'receipt', reference: body.toString(), status: 'SENT', eventId: '1' }),
      },
    },
  });
  const headers = { 'content-type': 'application/json' };
  expect((await post(`${url}/webhooks/sms/acme`, { body: WORKFLOW_ID, headers })).status).toBe(200);
  expect(deliveries.signals).toHaveLength(1);
});

test('a name that is no path is refused', async () => {
  const receipts: SmsReceipts = { contentType: 'application/json', read: () => ({ kind: 'unsigned' }) };
  await expect(startWebhook({ smsReceipts: { 'a/b': receipts } })).rejects.toThrow(/^an SMS provider name must match/);
});
