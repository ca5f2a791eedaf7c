import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { METRICS, prometheusName } from '../../src/contract/metrics.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { startDeliveryStack, type DeliveryStack } from '../../dev/stack/delivery-stack.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { DROPPED_SOON, deliver, type TestDelivery, type Wanted } from '../e2e/support/deliver.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { scrape, total, type Sample } from './scrape.js';
import { SDK_METRICS } from './sdk-metrics.js';
import { WAIT } from '../support/wait.js';

const { PATH, HOME, TMPDIR } = process.env;
const cleanups = new Cleanups();
let stack: DeliveryStack;
let metricsUrl: string;

const start = (behaviour: Wanted['behaviour'], input: Wanted['input'] = {}) => deliver(stack, { behaviour, input });
const SETTLED = prometheusName(METRICS.settled);
const SETTLED_LINE = /"msg":"delivery (?:settled|needs attention)"/;
const TIME = prometheusName(METRICS.timeToDelivery);
const LATENESS = prometheusName(METRICS.fallbackLateness);
const RBM = `${prometheusName(METRICS.rbmRequests)}_count`;
const SMS = `${prometheusName(METRICS.smsRequests)}_count`;

/** Waits until so many deliveries are counted. A workflow's metrics reach /metrics shortly after its result. */
async function whenSettled(count: number): Promise<Sample[]> {
  const end = Date.now() + 20_000;
  for (;;) {
    const samples = await scrape(metricsUrl);
    if (total(samples, SETTLED) >= count || Date.now() > end) return samples;
    await delay(50);
  }
}

beforeAll(async () => {
  const port = await freePort();
  metricsUrl = `http://127.0.0.1:${String(port)}/metrics`;
  const { variables } = await sharedTemporal();
  stack = await startDeliveryStack({
    logLevel: 'info',
    inherited: { PATH, HOME, TMPDIR, METRICS_PORT: String(port) },
    temporal: { env: { ...process.env, ...variables } },
    cleanups,
  });
});
afterAll(() => cleanups.run());

describe('the worker', () => {
  let delivered: TestDelivery;

  test('counts each delivery and each request once', async () => {
    delivered = await start('delivers', { ttl: '60s' });
    const all = [
      delivered,
      await start('offline', { messageTrafficType: 'TRANSACTION' }),
      await start('notRcs', { fallback: undefined }),
      await start({ rcs: 'offline', smsReceipt: 'undelivered' }),
      await start({ rcs: 'offline', delete: 503 }, { revocation: DROPPED_SOON }),
      await start({ rcs: 'offline', delete: 404 }, HELD),
      await start({
        rcs: 'offline',
        deliverWhileRevoking: { answer: 200, deliveredAfter: '4s' },
        smsReceiptDelay: '8s',
      }),
    ];
    await Promise.all(all.map((delivery) => delivery.ended()));

    const samples = await whenSettled(all.length);

    const settled = (outcome: string, labels = {}) => total(samples, SETTLED, { outcome, ...labels });
    expect(settled('DELIVERED', { channel: 'RCS', traffic_type: 'AUTHENTICATION' })).toBe(2);
    expect(settled('DELIVERED_BY_SMS', { traffic_type: 'TRANSACTION' })).toBe(1);
    expect(settled('DELIVERED_BY_SMS', { channel: 'SMS' })).toBe(2);
    expect(settled('UNDELIVERABLE', { channel: 'none' })).toBe(2);
    expect(settled('UNCERTAIN', { channel: 'none', traffic_type: 'PROMOTION' })).toBe(1);
    expect(total(samples, SETTLED)).toBe(7);
    expect(total(samples, prometheusName(METRICS.duplicates))).toBe(1);

    expect(total(samples, `${TIME}_count`, { channel: 'RCS' })).toBe(2);
    expect(total(samples, `${TIME}_count`, { channel: 'SMS' })).toBe(2);
    // Each SMS came after the expiry, and one of the two RCS messages within 5 s.
    expect(total(samples, `${TIME}_sum`, { channel: 'SMS' })).toBeGreaterThan(3);
    expect(total(samples, `${TIME}_bucket`, { channel: 'RCS', le: '5' })).toBeGreaterThanOrEqual(1);

    // Each delivery under `send` that fell back after its expiry. The promotion is held.
    expect(total(samples, `${LATENESS}_count`)).toBe(4);
    expect(total(samples, `${LATENESS}_bucket`, { le: '5' })).toBe(4);

    const truths = all.map(({ truth }) => truth);
    const creates = truths.flatMap((truth) => truth.creates).length;
    const deletes = truths.flatMap((truth) => truth.deletes).length;
    expect(total(samples, RBM, { operation: 'create' })).toBe(creates);
    expect(total(samples, RBM, { operation: 'create', result: 'notFound', status: '404' })).toBe(1);
    expect(total(samples, RBM, { operation: 'revoke' })).toBe(deletes);
    expect(total(samples, RBM, { operation: 'revoke', result: 'unavailable', status: '503' })).toBeGreaterThan(0);
    expect(total(samples, SMS, { provider: 'http', operation: 'send', result: 'accepted', reason: 'none' })).toBe(4);
    const ofRbmItself = total(samples, prometheusName(METRICS.revocations), { answer: 'revokedByPlatform' });
    expect(ofRbmItself).toBeGreaterThanOrEqual(1);
    const answers = total(samples, prometheusName(METRICS.revocations)) - ofRbmItself;
    expect(answers).toBeLessThanOrEqual(deletes);
    expect(total(samples, prometheusName(METRICS.revocations), { answer: 'revoked' })).toBe(3);
  });

  test('logs one line per delivery, at level warn if it needs attention', async () => {
    // The SDK keeps log lines for a moment to sort them.
    const written = () =>
      stack.worker
        .output()
        .split('\n')
        .filter((line) => SETTLED_LINE.test(line));
    await vi.waitUntil(() => written().length >= 7, WAIT);
    const lines = written().map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

    expect(lines.map(({ level, outcome }) => `${String(level)} ${String(outcome)}`).toSorted()).toEqual([
      'info DELIVERED',
      'info DELIVERED_BY_SMS',
      'info DELIVERED_BY_SMS',
      'info UNDELIVERABLE',
      'warn DELIVERED',
      'warn UNCERTAIN',
      'warn UNDELIVERABLE',
    ]);
    expect(lines.find(({ workflowId }) => workflowId === delivered.handle.workflowId)).toMatchObject({
      outcome: 'DELIVERED',
      channel: 'RCS',
      duplicate: false,
      send: 'accepted',
    });
  });

  test('counts nothing twice after another worker has replayed', async () => {
    const open = await start({ rcs: 'offline' }, { ttl: '60s' });
    await open.inPhase('AWAITING_DELIVERY');
    await signalGarbage(open.handle.workflowId, 60, 'nobody');
    await open.status();
    await stack.worker.kill();
    await stack.worker.start();

    // Makes the worker replay a completed delivery and a running one.
    await delivered.status();
    await open.status();
    await signalGarbage(open.handle.workflowId, 60, 'nobody');
    await signalGarbage(open.handle.workflowId, 3);
    await open.handle.signal('delivered', { eventId: 'e1', sendTime: new Date().toISOString() });
    await open.handle.result();
    await Promise.all([delivered.status(), open.status()]);

    const samples = await whenSettled(1);
    expect(total(samples, SETTLED)).toBe(1);
    expect(total(samples, `${TIME}_count`)).toBe(1);
    expect(total(samples, LATENESS)).toBe(0);
    const ignored = (reason: string) =>
      total(samples, prometheusName(METRICS.ignoredSignals), { signal: 'delivered', reason });
    expect([ignored('sealed'), ignored('invalid'), ignored('cleartext')]).toEqual([1, 1, 0]);
  });

  test("has the SDK's metrics that the alerts rely on", async () => {
    await stack.client.workflow.start('messageDelivery', {
      taskQueue: 'message-delivery',
      workflowId: 'message-delivery:wrong',
      args: [{}],
    });
    await stack.client.workflow.start('unknownType', {
      taskQueue: 'message-delivery',
      workflowId: 'unknown',
      args: [],
    });
    // A refused DELETE is the only activity failure that the project does not report as expected.
    await (await start({ rcs: 'offline', delete: [403, 'ok'] })).ended();
    const wanted = [
      ...SDK_METRICS.always,
      ...SDK_METRICS.onFailure.filter((name) => !name.includes('request_failure')),
    ];
    const missing = async () => {
      const names = (await scrape(metricsUrl)).map(({ name }) => name);
      return wanted.filter((name) => !names.includes(name));
    };
    await vi.waitFor(async () => {
      expect(await missing()).toEqual([]);
    }, WAIT);
  });

  test('has the numbers of open deliveries, and of those past their expiry', async () => {
    const names = [prometheusName(METRICS.open), prometheusName(METRICS.pastExpiry)];
    // A worker counts for the first time within 15 s.
    await vi.waitFor(async () => {
      const samples = (await scrape(metricsUrl)).filter(({ name }) => names.includes(name));
      expect(samples.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      expect(samples.every(({ value }) => value >= 0)).toBe(true);
    }, WAIT);
  });

  test('uses only documented labels', async () => {
    const ours = (await scrape(metricsUrl)).filter(({ name }) => name.startsWith('rcs_'));
    expect(ours.length).toBeGreaterThan(0);
    for (const { name, labels } of ours) {
      const metric = Object.values(METRICS).find((one) => name.startsWith(prometheusName(one)));
      const added = ['namespace', 'taskQueue', 'workflowType', 'activityType', 'le'];
      expect([
        name,
        Object.keys(labels)
          .filter((label) => !added.includes(label))
          .toSorted(),
      ]).toEqual([name, [...(metric?.labels ?? [])].toSorted()]);
    }
  });
});

/** Sends a signal of which nobody can decrypt a byte. */
async function signalGarbage(workflowId: string, length: number, keyId?: string): Promise<void> {
  const { connection, options } = stack.client;
  const metadata = {
    encoding: Buffer.from('binary/encrypted'),
    ...(keyId !== undefined && { 'encryption-key-id': Buffer.from(keyId) }),
  };
  await connection.workflowService.signalWorkflowExecution({
    namespace: options.namespace,
    workflowExecution: { workflowId },
    signalName: 'delivered',
    input: { payloads: [{ metadata, data: Buffer.alloc(length, 7) }] },
  });
}

const HELD = {
  messageTrafficType: 'PROMOTION',
  revocation: { grace: '1s', budget: '2s', holdTimeout: '3s' },
};
