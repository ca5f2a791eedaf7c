import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../dev/simulator/phone-behaviour.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../../dev/stack/delivery-stack.js';
import { runProgram } from '../e2e/support/run-program.js';
import { findMarked, markedNumber, RCS_TEXT, SMS_TEXT } from '../privacy/support/marked.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';

const { PATH, HOME, TMPDIR } = process.env;
const cleanups = new Cleanups();
let stack: DeliveryStack;
let receiver: OtlpReceiver;
/** Encryption is on, because the trace context must also work with it. */
const PAYLOAD_ENCRYPTION_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

beforeAll(async () => {
  receiver = cleanups.add(await startOtlpReceiver(), (running) => running.stop());
  const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  const { variables } = await sharedTemporal();
  stack = await startDeliveryStack({
    logLevel: 'debug',
    inherited: {
      PATH,
      HOME,
      TMPDIR,
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      PAYLOAD_ENCRYPTION_KEYS,
    },
    temporal: { env: { ...process.env, ...variables } },
    cleanups,
  });
});
afterAll(() => cleanups.run());

/** Starts a delivery through the CLI. Resolves with the workflow id when it has completed. */
async function send(behaviour: PhoneBehaviourInput, tracing: boolean): Promise<string> {
  const number = markedNumber();
  stack.simulator.script(number, behaviour);
  const input = {
    agentId: 'acme-agent',
    messageId: randomUUID(),
    recipient: number,
    contentMessage: { text: RCS_TEXT },
    messageTrafficType: 'TRANSACTION',
    ttl: '5s',
    fallback: { sms: { text: SMS_TEXT } },
    revocation: { grace: '1s', budget: '5s' },
  };
  const env = { PATH, HOME, TMPDIR, ...stack.env, PAYLOAD_ENCRYPTION_KEYS };
  const traced = tracing ? { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } : env;
  const sent = await runProgram(['send', '--file', '-'], traced, JSON.stringify(input));
  expect({ ...sent, stdout: '' }).toEqual({ code: 0, stdout: '', stderr: '' });
  const workflowId = sent.stdout.trim();
  await stack.client.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => undefined);
  return workflowId;
}

/** Returns the spans of one workflow when the named ones have arrived. Each process sends its spans at its own time. */
async function spansOf(workflowId: string, ...others: string[]): Promise<ReceivedSpan[]> {
  const own = () => receiver.spans.filter(({ attributes }) => attributes['temporalWorkflowId'] === workflowId);
  const end = Date.now() + 15_000;
  const wanted = ['RunWorkflow:messageDelivery', ...others];
  while (!wanted.every((name) => own().some((span) => span.name === name)) && Date.now() < end) await delay(50);
  return own();
}

const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const found = spans.filter((span) => span.name === name);
  expect(found.map((span) => span.name)).toEqual([name]);
  return found[0] as ReceivedSpan;
};

test('one trace covers the backend’s call, the delivery and the receipt of the SMS', async () => {
  const others = ['StartWorkflow:messageDelivery', 'SignalWorkflow:smsStatus'];
  const spans = await spansOf(await send({ rcs: 'offline' }, true), ...others);

  const start = named(spans, 'StartWorkflow:messageDelivery');
  const run = named(spans, 'RunWorkflow:messageDelivery');
  expect(start).toMatchObject({ service: 'rcs-delivery-cli', parentSpanId: '' });
  expect(run).toMatchObject({ service: 'rcs-delivery-worker', traceId: start.traceId, parentSpanId: start.spanId });

  const inside = { service: 'rcs-delivery-worker', traceId: run.traceId, parentSpanId: run.spanId };
  const activities = ['RunActivity:sendRcs', 'RunActivity:revokeRcs', 'RunActivity:sendSms'];
  for (const name of activities) expect(named(spans, name)).toMatchObject({ ...inside, failed: false });
  for (const { start: began, end } of activities.map((name) => named(spans, name))) {
    expect(began >= run.start && end <= run.end && began <= end).toBe(true);
  }

  // RBM's and a gateway's events carry no trace, so the webhook starts its own, and a link leads to it.
  const signal = named(spans, 'SignalWorkflow:smsStatus');
  const handled = named(spans, 'HandleSignal:smsStatus');
  expect(signal).toMatchObject({ service: 'rcs-delivery-webhook', parentSpanId: '' });
  expect(handled).toMatchObject(inside);
  expect(handled.links).toEqual([{ traceId: signal.traceId, spanId: signal.spanId }]);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

test('a delivery that is started without a trace gets its own', async () => {
  const spans = await spansOf(await send({ deliverAfter: '200ms' }, false));

  const run = named(spans, 'RunWorkflow:messageDelivery');
  expect(run.parentSpanId).toBe('');
  expect(named(spans, 'RunActivity:sendRcs')).toMatchObject({ traceId: run.traceId, parentSpanId: run.spanId });
  expect(named(spans, 'HandleSignal:delivered')).toMatchObject({ traceId: run.traceId, parentSpanId: run.spanId });
});

test('a refused request shows its status, and a phone without RCS is not an error', async () => {
  const refused = await spansOf(await send({ create: 400 }, true));
  const unreachable = await spansOf(await send({ rcs: 'notRcs' }, true));

  const attributes = { 'error.type': 'RbmInvalidArgument' };
  expect(named(refused, 'RunActivity:sendRcs')).toMatchObject({ failed: true, attributes });
  expect(named(unreachable, 'RunActivity:sendRcs')).toMatchObject({
    failed: false,
    attributes: { 'error.type': 'RbmNotFound' },
  });
});

test('another worker continues in the same trace', async () => {
  const sending = send({ rcs: 'offline' }, true);
  await delay(500);
  await stack.worker.kill();
  await stack.worker.start();
  const spans = await spansOf(await sending, 'StartWorkflow:messageDelivery');

  const run = named(spans, 'RunWorkflow:messageDelivery');
  expect(named(spans, 'RunActivity:sendSms')).toMatchObject({ traceId: run.traceId, parentSpanId: run.spanId });
  expect(run.parentSpanId).toBe(named(spans, 'StartWorkflow:messageDelivery').spanId);
});

// The last test, because it searches the spans of all tests above.
test('no span contains a phone number or a text', () => {
  expect(receiver.spans.length).toBeGreaterThan(20);
  const written = [...receiver.raw.map((body) => body.toString('latin1')), JSON.stringify(receiver.spans.map(plain))];
  expect(written.flatMap((text) => findMarked(text, [])).slice(0, 3)).toEqual([]);
});

const plain = (span: ReceivedSpan) => ({ ...span, start: '', end: '' });
