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
import { WAIT } from '../../support/wait.js';

type Json = Readonly<Record<string, unknown>>;

const { PATH, HOME, TMPDIR } = process.env;

/** The sender is nobody's phone, but its number is private all the same. */
const SENDER = '+15550104299';

/** They lead to every outcome, and to every answer that contains the phone number. */
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
  /** Sets PAYLOAD_ENCRYPTION_KEYS. Then even Temporal's payloads must contain nothing private. */
  readonly encrypted?: boolean;
}

/** Sends marked numbers and texts through real processes, and then searches everything that these have written. */
export function privacySuite({ smsProvider = 'http', encrypted = false }: PrivacyOptions): void {
  const cleanups = new Cleanups();
  /** As in production, where `send` refuses to work without a hash key. */
  const keys = {
    NODE_ENV: 'production',
    RECIPIENT_HASH_KEY: randomBytes(32).toString('base64'),
    ...(encrypted && { PAYLOAD_ENCRYPTION_KEYS: keyText('current') }),
  };
  let stack: DeliveryStack;
  let client: Client;
  let collector: Collector;
  let metricsUrl: string;
  /** Everything that callers got: error messages, HTTP answers, the program's output. */
  const output: string[] = [];
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

  /** Starts a delivery as a client in any language does, with any input. */
  async function start(input: Json) {
    const workflowId = `message-delivery:acme-agent:${randomUUID()}`;
    const messageId = workflowId.split(':').at(-1);
    workflowIds.push(workflowId);
    const args = [{ ...input, ...('messageId' in input && { messageId }) }];
    return client.workflow.start('messageDelivery', { taskQueue: 'message-delivery', workflowId, args });
  }

  /** Keeps the messages and stack traces of the error and its causes. */
  async function recordError(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      for (let one = error; one instanceof Error; one = one.cause) output.push(`${one.message}\n${one.stack ?? ''}`);
    }
  }

  // It takes a while until Twilio has been asked about the requests that it did not answer.
  test('deliveries with every outcome', { timeout: 180_000 }, async () => {
    const ended = BEHAVIOURS.map(async (behaviour) => {
      const number = markedNumber();
      stack.simulator.script(number, behaviour);
      const delivery = await start(inputFor(number));
      await recordError(delivery.result());
    });
    await Promise.all(ended);
  });

  test('a delivery without an access token', async () => {
    stack.simulator.expireTokens();
    stack.simulator.scriptTokenEndpoint([400, 500, 400, 'ok']);
    const delivery = await start(inputFor(markedNumber()));
    await recordError(delivery.result());
  });

  test('bad inputs, with a number or a text in the wrong field', async () => {
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
    await Promise.all(inputs.map(async (input) => recordError((await start(input)).result())));
  });

  test('bad signals and updates', async () => {
    const number = markedNumber();
    stack.simulator.script(number, 'offline');
    const delivery = await start(inputFor(number, { ttl: '12s' }));
    await delivery.signal('delivered', { eventId: 5, sendTime: number, [number]: RCS_TEXT });
    await delivery.signal('delivered', `${number} ${RCS_TEXT}`);
    await delivery.signal('smsStatus', { eventId: '', sendTime: RCS_TEXT, status: number });
    await delivery.signal(`${USER_TEXT} ${number}`, { text: USER_TEXT });
    await recordError(
      delivery.executeUpdate('revokeNow', { args: [{ reason: '', fallback: number, [number]: RCS_TEXT }] }),
    );
    await recordError(delivery.executeUpdate('changeExpiry', { args: [{ expireTime: `${number} ${RCS_TEXT}` }] }));
    await recordError(delivery.query('status', number));
    await delivery.cancel();
    await recordError(delivery.result());
  });

  test('webhook calls that are forged, malformed or about no known delivery', async () => {
    const number = markedNumber();
    for (const event of strayEvents(number)) stack.simulator.postEvent(event);
    for (const [path, init] of refusedCalls(number)) {
      const answer = await fetch(`${stack.webhookUrl}${path}`, { method: 'POST', ...init });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      output.push(`${JSON.stringify([...answer.headers])} ${await answer.text()}`);
    }
    expect(await stack.simulator.verifyWebhook()).toBe(true);
    await stack.simulator.idle();
  });

  const programEnv = () => ({ PATH, HOME, TMPDIR, ...stack.env, ...keys, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const run = async (args: readonly string[], env: NodeJS.ProcessEnv = programEnv()) => {
    const ran = await runProgram(args, env);
    output.push(ran.stdout, ran.stderr);
    return ran;
  };

  test('correct use of the program', { timeout: 120_000 }, async () => {
    const number = markedNumber();
    const messageId = randomUUID();
    const flags = ['--agent', 'acme-agent', '--to', number, '--text', RCS_TEXT, '--ttl', '60s', '--sms-text', SMS_TEXT];
    const id = `message-delivery:acme-agent:${messageId}`;
    workflowIds.push(id);
    const send = ['send', ...flags, '--message-id', messageId];
    expect({ ...(await run(send)), stderr: '' }).toEqual({ code: 0, stdout: `${id}\n`, stderr: '' });
    // What follows is the same with every SMS provider.
    if (smsProvider !== 'http') return;
    for (const args of [send, ['status', id], ['status', id, '--json']]) {
      expect([args, (await run(args)).code]).toEqual([args, 0]);
    }
  });

  const incorrectUse = async () => {
    const number = markedNumber();
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
    for (const args of wrong) expect([args, (await run(args)).code === 0]).toEqual([args, false]);
    const broken = { RBM_WEBHOOK_CLIENT_TOKEN: '', SMS_WEBHOOK_SECRET: RCS_TEXT, TEMPORAL_ADDRESS: RCS_TEXT };
    await run(['webhook'], { ...programEnv(), ...broken });
  };
  // Neither the SMS provider nor encryption plays a part in it.
  if (smsProvider === 'http' && !encrypted) test('incorrect use of the program', { timeout: 120_000 }, incorrectUse);

  // The last test, because it searches what all tests above have written.
  test(
    'no log, metric, trace, error or history contains a number, a text or a secret',
    { timeout: 120_000 },
    async () => {
      const { env, worker, webhook } = stack;
      const metrics = [metricsUrl, `${stack.webhookUrl}/metrics`].map(async (url) => (await fetch(url)).text());
      const [workerMetrics = '', webhookMetrics = ''] = await Promise.all(metrics);
      expect(workerMetrics).toContain('temporal_');
      expect(webhookMetrics).toContain('rcs_webhook_events_total');
      await vi.waitUntil(() => worker.output().includes('bad payload') && webhook.output().includes('refused'), WAIT);
      const spans = ['StartWorkflow', 'RunActivity:sendSms', 'SignalWorkflow'];
      await vi.waitUntil(() => spans.every((name) => collector.received().includes(name)), WAIT);

      const names = ['RBM_WEBHOOK_CLIENT_TOKEN', 'SMS_HTTP_TOKEN', 'SMS_WEBHOOK_SECRET', 'TWILIO_AUTH_TOKEN'] as const;
      const secrets = [...names.flatMap((name) => env[name] ?? []), 'ya29.', 'Bearer ey', keys.RECIPIENT_HASH_KEY];
      if (encrypted) secrets.push(keyText('current').slice('current:'.length));
      secrets.push(...secretsOfKey(await readFile(env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '', 'utf8')));
      const written: Record<string, string> = {
        worker: worker.output(),
        webhook: webhook.output(),
        workerMetrics,
        webhookMetrics,
        output: output.join('\n'),
        traces: collector.received(),
      };
      for (const workflowId of workflowIds) {
        written[workflowId] = await visibleOf(client, workflowId, { payloads: encrypted });
      }
      expect(Object.values(written).some((text) => text.includes('RecipientHash'))).toBe(true);
      const found = Object.entries(written).map(([where, text]) => [where, findMarked(text, secrets).slice(0, 3)]);
      expect(found.filter(([, finds]) => finds?.length !== 0)).toEqual([]);
      expect(Object.values(written).filter((text) => text.length < 100)).toEqual([]);
    },
  );
}
