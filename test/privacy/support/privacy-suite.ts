import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PhoneBehaviourInput } from '../../../dev/simulator/phone-behaviour.js';
import { Cleanups } from '../../../dev/stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { freePort } from '../../../dev/temporal/free-port.js';
import { createDataConverter } from '../../../src/index.js';
import { runProgram } from '../../e2e/support/run-program.js';
import { keyText, testKeys } from '../../encryption/test-keys.js';
import { sharedTemporal } from '../../support/shared-temporal.js';
import { startCollector, type Collector } from './collector.js';
import { findMarked, markedNumber, RCS_TEXT, secretsOfKey, SMS_TEXT, USER_TEXT } from './marked.js';
import { refusedCalls, strayEvents } from './stray-calls.js';
import { visibleOf } from './visible.js';

type Json = Readonly<Record<string, unknown>>;

const { PATH, HOME, TMPDIR } = process.env;

/** Nobody's, but no less to be kept. */
const SENDER = '+15550104299';

/** Every way a delivery ends, and every answer that names the number. */
const BEHAVIOURS: readonly PhoneBehaviourInput[] = [
  { deliverAfter: '200ms', events: { read: true, typing: true, reply: { text: USER_TEXT } } },
  { events: { unknownEvent: true, reply: { text: USER_TEXT, postbackData: USER_TEXT } } },
  { rcs: 'offline' },
  { rcs: 'notRcs', smsReceipt: 'undelivered' },
  { create: 400 },
  { create: 403 },
  { create: 418 },
  { create: [401, 429, 503, 'ok'] },
  { create: ['html502', 'truncated'] },
  { create: ['reset', 'ok'], rcs: 'offline', delete: 400 },
  { rcs: 'offline', delete: 403, sms: 400 },
  { rcs: 'offline', delete: [500, 'ok'], sms: [500, 'reset', 'ok'] },
  { rcs: 'offline', delete: 'html502', sms: [429, 'truncated'] },
  { create: 'hang', sms: 422 },
];

export interface PrivacyOptions {
  readonly smsProvider?: 'http' | 'twilio';
  /** With PAYLOAD_ENCRYPTION_KEYS: then not even Temporal's payloads may hold anything. */
  readonly encrypted?: boolean;
}

/** Real traffic with marked numbers and texts through real processes, and a search through all that any of them wrote. */
export function privacySuite({ smsProvider = 'http', encrypted = false }: PrivacyOptions): void {
  const cleanups = new Cleanups();
  /** As an operator would set it: `send` refuses without the hash key then. */
  const keys = {
    NODE_ENV: 'production',
    RECIPIENT_HASH_KEY: randomBytes(32).toString('base64'),
    ...(encrypted && { PAYLOAD_ENCRYPTION_KEYS: keyText('current') }),
  };
  let stack: DeliveryStack;
  let client: Client;
  let collector: Collector;
  let metricsUrl: string;
  /** All that was told to whoever called: error messages, answers, the program's output. */
  const told: string[] = [];
  const workflowIds: string[] = [];

  beforeAll(async () => {
    const port = await freePort();
    metricsUrl = `http://127.0.0.1:${String(port)}/metrics`;
    collector = cleanups.add(await startCollector(), (started) => started.stop());
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200' };
    const { variables } = await sharedTemporal();
    stack = await startDeliveryStack({
      smsProvider,
      logLevel: 'trace',
      inherited: { PATH, HOME, TMPDIR, METRICS_PORT: String(port), ...keys, ...tracing },
      temporal: { env: { ...process.env, ...variables } },
      cleanups,
    });
    const dataConverter = encrypted ? createDataConverter({ keys: testKeys('current') }) : undefined;
    const { connection } = stack.client;
    const { namespace } = stack.temporal;
    client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  });
  afterAll(() => cleanups.run());

  const inputFor = (recipient: string, given: Json = {}): Json => ({
    agentId: 'acme-agent',
    messageId: randomUUID(),
    recipient,
    contentMessage: { text: RCS_TEXT },
    ttl: '4s',
    fallback: { sms: { text: SMS_TEXT, sender: SENDER } },
    revocation: { grace: '1s', budget: '3s' },
    ...given,
  });

  /** As a client in another language starts one, with whatever it takes for an input. */
  async function start(input: Json) {
    const workflowId = `message-delivery:acme-agent:${randomUUID()}`;
    const messageId = workflowId.split(':').at(-1);
    workflowIds.push(workflowId);
    const args = [{ ...input, ...('messageId' in input && { messageId }) }];
    return client.workflow.start('messageDelivery', { taskQueue: 'message-delivery', workflowId, args });
  }

  /** Remembers the words of an error, with those of its causes. */
  async function tell(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      for (let one = error; one instanceof Error; one = one.cause) told.push(`${one.message}\n${one.stack ?? ''}`);
    }
  }

  // Twilio is asked about what it left unanswered, which takes its time.
  test('every outcome', { timeout: 180_000 }, async () => {
    const ended = BEHAVIOURS.map(async (behaviour) => {
      const number = markedNumber();
      stack.simulator.script(number, behaviour);
      const delivery = await start(inputFor(number));
      await tell(delivery.result());
    });
    await Promise.all(ended);
  });

  test('no access token: the endpoint refuses', async () => {
    stack.simulator.expireTokens();
    stack.simulator.scriptTokenEndpoint([400, 500, 400, 'ok']);
    const delivery = await start(inputFor(markedNumber()));
    await tell(delivery.result());
  });

  test('inputs that are wrong, with a number or a text in the wrong place', async () => {
    const number = markedNumber();
    const good = inputFor(number);
    const inputs: Json[] = [
      { ...good, recipient: `${number} ${RCS_TEXT}` },
      { ...good, [number]: 1, [RCS_TEXT]: 2 },
      { ...good, contentMessage: RCS_TEXT },
      { ...good, ttl: number, fallback: { sms: { text: SMS_TEXT, sender: `${number}0000000` } } },
      { ...good, agentId: number.replace('+', 'x:'), messageTrafficType: RCS_TEXT },
      { ...good, fallback: { sms: SMS_TEXT, [number]: true } },
      { recipient: number },
    ];
    await Promise.all(inputs.map(async (input) => tell((await start(input)).result())));
  });

  test('signals and updates that are wrong', async () => {
    const number = markedNumber();
    stack.simulator.script(number, 'offline');
    const delivery = await start(inputFor(number, { ttl: '12s' }));
    await delivery.signal('delivered', { eventId: 5, sendTime: number, [number]: RCS_TEXT });
    await delivery.signal('delivered', `${number} ${RCS_TEXT}`);
    await delivery.signal('smsStatus', { eventId: '', sendTime: RCS_TEXT, status: number });
    await delivery.signal(`${USER_TEXT} ${number}`, { text: USER_TEXT });
    await tell(delivery.executeUpdate('revokeNow', { args: [{ reason: '', fallback: number, [number]: RCS_TEXT }] }));
    await tell(delivery.executeUpdate('changeExpiry', { args: [{ expireTime: `${number} ${RCS_TEXT}` }] }));
    await tell(delivery.query('status', number));
    await delivery.cancel();
    await tell(delivery.result());
  });

  test('calls of the webhook that are forged, broken or not ours', async () => {
    const number = markedNumber();
    for (const event of strayEvents(number)) stack.simulator.postEvent(event);
    for (const [path, init] of refusedCalls(number)) {
      const answer = await fetch(`${stack.webhookUrl}${path}`, { method: 'POST', ...init });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      told.push(`${JSON.stringify([...answer.headers])} ${await answer.text()}`);
    }
    expect(await stack.simulator.verifyWebhook()).toBe(true);
    await stack.simulator.idle();
  });

  test('the program, used rightly and wrongly', { timeout: 120_000 }, async () => {
    const number = markedNumber();
    const messageId = randomUUID();
    const env = { PATH, HOME, TMPDIR, ...stack.env, ...keys, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const flags = ['--agent', 'acme-agent', '--to', number, '--text', RCS_TEXT, '--ttl', '60s', '--sms-text', SMS_TEXT];
    const id = `message-delivery:acme-agent:${messageId}`;
    workflowIds.push(id);
    const wrong = [
      ['send', '--to', `${number} ${RCS_TEXT}`, '--text', RCS_TEXT, '--agent', 'acme-agent', '--ttl', '60s'],
      ['send', '--input', `{"recipient": "${number}", "text": "${RCS_TEXT}`],
      ['send', '--input', JSON.stringify({ [number]: RCS_TEXT, recipient: number })],
      ['send', '--file', `${RCS_TEXT}/${number}`],
      ['send', `--textt=${RCS_TEXT}`, `--too=${number}`],
      ['send', '--traffic-type', `${RCS_TEXT} ${number}`],
      ['send', number, RCS_TEXT],
      [`${number} ${RCS_TEXT}`],
      ['status', `${number} ${RCS_TEXT}`],
      ['status', number, RCS_TEXT],
      ['status', 'acme-agent', randomUUID()],
      ['webhook', `--text=${RCS_TEXT}`],
    ];
    const sent = await runProgram(['send', ...flags, '--message-id', messageId], env);
    expect({ ...sent, stderr: '' }).toEqual({ code: 0, stdout: `${id}\n`, stderr: '' });
    const right = [
      ['send', ...flags, '--message-id', messageId],
      ['status', id],
      ['status', id, '--json'],
    ];
    for (const args of [...right, ...wrong]) {
      const { code, stdout, stderr } = await runProgram(args, env);
      expect([args, code === 0]).toEqual([args, right.includes(args)]);
      told.push(stdout, stderr);
    }
    const broken = { ...env, RBM_WEBHOOK_CLIENT_TOKEN: '', SMS_WEBHOOK_SECRET: RCS_TEXT, TEMPORAL_ADDRESS: RCS_TEXT };
    told.push((await runProgram(['webhook'], broken)).stderr);
  });

  /** Last: what all of the above has left behind. */
  test('gave nothing away, anywhere', { timeout: 120_000 }, async () => {
    const { env, worker, webhook } = stack;
    const metrics = [metricsUrl, `${stack.webhookUrl}/metrics`].map(async (url) => (await fetch(url)).text());
    const [workerMetrics = '', webhookMetrics = ''] = await Promise.all(metrics);
    expect(workerMetrics).toContain('temporal_');
    expect(webhookMetrics).toContain('rcs_webhook_events_total');
    await vi.waitUntil(() => worker.output().includes('bad payload') && webhook.output().includes('refused'));
    const spans = ['StartWorkflow', 'RunActivity:sendSms', 'SignalWorkflow'];
    await vi.waitUntil(() => spans.every((name) => collector.received().includes(name)), { timeout: 20_000 });

    const names = ['RBM_WEBHOOK_CLIENT_TOKEN', 'SMS_HTTP_TOKEN', 'SMS_WEBHOOK_SECRET', 'TWILIO_AUTH_TOKEN'] as const;
    const secrets = [...names.flatMap((name) => env[name] ?? []), 'ya29.', 'Bearer ey', keys.RECIPIENT_HASH_KEY];
    if (encrypted) secrets.push(keyText('current').slice('current:'.length));
    secrets.push(...secretsOfKey(await readFile(env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '', 'utf8')));
    const written: Record<string, string> = {
      worker: worker.output(),
      webhook: webhook.output(),
      workerMetrics,
      webhookMetrics,
      told: told.join('\n'),
      traces: collector.received(),
    };
    for (const workflowId of workflowIds) {
      written[workflowId] = await visibleOf(client, workflowId, { payloads: encrypted });
    }
    expect(Object.values(written).some((text) => text.includes('RecipientHash'))).toBe(true);
    const found = Object.entries(written).map(([where, text]) => [where, findMarked(text, secrets).slice(0, 3)]);
    expect(found.filter(([, finds]) => finds?.length !== 0)).toEqual([]);
    expect(Object.values(written).filter((text) => text.length < 100)).toEqual([]);
  });
}
