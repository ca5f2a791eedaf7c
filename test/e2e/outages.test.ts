import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import type { PhoneBehaviourInput, PresetName } from '../../dev/simulator/phone-behaviour.js';
import { deliver, type TestDelivery } from './support/deliver.js';
import { expectTruthful } from './support/guarantees.js';
import { useStack } from './support/use-stack.js';
import { WAIT } from '../support/wait.js';

const folder = await mkdtemp(join(tmpdir(), 'rcs-outages-'));
const dbFilename = join(folder, 'temporal.db');
let temporalAgain: DevServer | undefined;

const stack = useStack({
  temporal: { dbFilename },
  // Retries soon when the webhook is down. RBM itself waits up to 600 s.
  simulator: { webhookRetry: { initialMs: 200, capMs: 500 } },
});
afterAll(async () => {
  await temporalAgain?.stop();
  await rm(folder, { recursive: true });
});

const until = (holds: () => boolean) => vi.waitUntil(holds, WAIT);
const start = (behaviour: PresetName | PhoneBehaviourInput, input: Readonly<Record<string, unknown>> = {}) =>
  deliver(stack(), { behaviour, input });
const expired = ({ expiry }: { readonly expiry: number }) => Date.now() > expiry + 500;

/** Starts one delivery for each situation in which an outage can occur. */
async function everySituation() {
  const waiting = await start('offline', { ttl: '120s' });
  const expiring = await start('offline', { ttl: '10s' });
  const inGrace = await start('offline', { ttl: '3s', revocation: { grace: '6s', budget: '30s' } });
  const revoking = await start(
    { rcs: 'offline', delete: [{ delay: '3s', effectDelay: 0 }, 'ok'] },
    // Its DELETEs may go on beside the SMS until RBM drops the message by itself.
    { ttl: '3s', revocation: { grace: '1s', budget: '8s', deadMansSwitch: '20s' } },
  );
  const receipt = await start({ rcs: 'notRcs', smsReceiptDelay: '5s' });
  const texting = await start({ rcs: 'notRcs', sms: { delay: '3s', effectDelay: 0 }, smsReceiptDelay: '5s' });
  const { expireTime } = await expiring.inPhase('AWAITING_DELIVERY');
  await Promise.all([
    waiting.inPhase('AWAITING_DELIVERY'),
    inGrace.inPhase('CONFIRMING_REVOCATION'),
    receipt.inPhase('AWAITING_SMS_RECEIPT'),
    until(() => revoking.truth.deletes.length > 0 && texting.truth.sms === 1),
  ]);
  // By default a code that is not accepted within 20 s is revoked, and an outage of Temporal here lasts about as long.
  const patient = { ttl: '120s', acceptanceTimeout: '100s' };
  const sending = await start({ create: { delay: '2s', effectDelay: 0 }, deliverAfter: '1s' }, patient);
  await until(() => sending.truth.acceptedAt !== undefined);
  return { waiting, expiring, inGrace, revoking, receipt, texting, sending, expiry: Date.parse(expireTime) };
}

/** Expects the outcomes that the deliveries would have had without the outage. */
async function expectAllWell({ expiry, ...deliveries }: Awaited<ReturnType<typeof everySituation>>) {
  const { waiting, expiring, inGrace, revoking, receipt, texting, sending } = deliveries;
  const outcome = async (delivery: TestDelivery) => {
    const result = await delivery.ended();
    expectTruthful({ result, truth: delivery.truth });
    return result.outcome;
  };
  expect(await outcome(waiting)).toBe('DELIVERED');
  expect(await outcome(sending)).toBe('DELIVERED');
  for (const delivery of [waiting, sending]) expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], sms: 0 });
  for (const delivery of [expiring, inGrace, revoking, receipt, texting]) {
    expect(await outcome(delivery)).toBe('DELIVERED_BY_SMS');
    expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, smsDelivered: 1 });
  }
  expect(expiring.truth.firstDeleteAt).toBeGreaterThan(expiry);
}

test('the worker is killed with SIGKILL: its deliveries continue after a restart', { timeout: 180_000 }, async () => {
  const deliveries = await everySituation();

  await stack().worker.kill();
  stack().simulator.bringOnline(deliveries.waiting.phone);
  await until(() => expired(deliveries));
  await stack().worker.start();

  await expectAllWell(deliveries);
});

test(
  'worker and webhook are down past the SMS deadline: a late DELIVERED still gets its grace',
  { timeout: 180_000 },
  async () => {
    const { worker, webhook } = stack();
    await webhook.kill();
    const delivery = await start(
      { deliverAfter: '500ms', delete: ['hang'] },
      { ttl: '3s', revocation: { grace: '8s', budget: '12s' } },
    );
    await until(() => delivery.truth.deletes.length > 0);
    await worker.kill();
    const deadline = (delivery.truth.deletes[0]?.at ?? 0) + 12_000;
    await until(() => Date.now() > deadline + 1_000);
    await worker.start();
    await delivery.until(({ timeline }) => timeline.some(({ event }) => event === 'wokeLate'));
    await webhook.start();

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
    expect(delivery.truth).toMatchObject({ rcs: 1, sms: 0 });
  },
);

test('the worker is killed during a DELETE: that is noticed by its heartbeat, and the DELETE is sent again', async () => {
  const { worker } = stack();
  const delivery = await start(
    { rcs: 'offline', delete: ['hang', 'ok'] },
    { ttl: '3s', revocation: { grace: '1s', budget: '120s' } },
  );
  await until(() => delivery.truth.deletes.length > 0);
  await worker.kill();
  await worker.start();

  const { outcome, timeline } = await delivery.ended();
  expect(outcome).toBe('DELIVERED_BY_SMS');
  expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1 });
  expect(delivery.truth.deletes).toHaveLength(2);
  const timeOf = (event: string, nth: number) => timeline.filter((entry) => entry.event === event)[nth]?.time;
  expect(timeOf('revokeStarted', 1)).toBe(timeOf('revokeAnswered', 0));
  const { events } = await delivery.handle.fetchHistory();
  const timedOut = (events ?? []).flatMap(({ activityTaskTimedOutEventAttributes: timeout }) => timeout ?? []);
  expect(timedOut.map(({ failure }) => failure?.timeoutFailureInfo?.timeoutType)).toEqual([HEARTBEAT]);
});

/** Temporal's number for a missed heartbeat (TimeoutType). */
const HEARTBEAT = 4;

test('only the worker was down: under hold nothing is waited for that can be in the history', async () => {
  const { worker } = stack();
  const promotion = { messageTrafficType: 'PROMOTION', revocation: { grace: '1s', spread: '0s' } };
  const delivery = await start('offline', { ...promotion, ttl: '4s' });
  const { expireTime } = await delivery.inPhase('AWAITING_DELIVERY');
  await worker.kill();
  await until(() => Date.now() > Date.parse(expireTime) + 7_000);
  await worker.start();

  const { outcome, timeline } = await delivery.ended();
  expect(outcome).toBe('DELIVERED_BY_SMS');
  const [late] = timeline.filter(({ event }) => event === 'wokeLate');
  expect(late?.detail).toMatch(/late, in a backlog$/);
});

test('the worker is stopped and restarted, as in a roll-out', { timeout: 180_000 }, async () => {
  const deliveries = await everySituation();

  await stack().worker.stop();
  stack().simulator.bringOnline(deliveries.waiting.phone);
  await stack().worker.start();

  await expectAllWell(deliveries);
});

test(
  'a worker starts late: times count from the start of the delivery, also after a replay',
  { timeout: 180_000 },
  async () => {
    const { worker } = stack();
    await worker.kill();
    const ttl = await start('offline', { ttl: '15s', revocation: { grace: '6s', budget: '20s' } });
    const started = (await ttl.handle.describe()).startTime.getTime();
    const expireTime = new Date(Date.now() + 3_000).toISOString();
    const tooLate = await start('offline', { expireTime });
    // A query that waits for the first workflow task changes how that task is recorded.
    const early = Promise.all([ttl, tooLate].map(({ status }) => status()));
    await until(() => Date.now() > Date.parse(expireTime));
    await worker.start();
    await early;

    await ttl.inPhase('CONFIRMING_REVOCATION');
    await worker.kill();
    await worker.start();

    expect(await ttl.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(Date.parse((await ttl.ended()).expireTime)).toBe(started + 15_000);
    // RBM was never asked to send this one.
    expect(await tooLate.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', expireTime });
    expect(tooLate.truth).toMatchObject({ rcs: 0, sms: 1 });
  },
);

test(
  'the webhook is killed while events arrive: RBM and the gateway send them again',
  { timeout: 180_000 },
  async () => {
    const { simulator, webhook } = stack();
    const delays = Array.from({ length: 20 }, (_, index) => `${String(index * 100)}ms`);
    const delivered = await Promise.all(
      delays.map((deliverAfter) => start({ deliverAfter, events: { read: true } }, { ttl: '120s' })),
    );
    const texted = await Promise.all(
      delays.slice(0, 5).map((smsReceiptDelay) => start({ rcs: 'notRcs', smsReceiptDelay })),
    );
    const shown = () => delivered.filter(({ truth }) => truth.rcs === 1).length;

    await until(() => shown() >= 5);
    await webhook.kill();
    await until(() => shown() === delivered.length && texted.every(({ truth }) => truth.smsDelivered === 1));
    await webhook.start();

    for (const delivery of delivered) {
      expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
      expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], smsRequests: [] });
    }
    for (const delivery of texted) expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(simulator.webhookLog.some(({ status }) => status === undefined)).toBe(true);
  },
);

test('Temporal is killed: the events that arrive meanwhile are sent again', { timeout: 180_000 }, async () => {
  const { temporal, simulator } = stack();
  const deliveries = await everySituation();
  const promotion = { messageTrafficType: 'PROMOTION', revocation: { grace: '1s', spread: '0s' } };
  const held = await start('offline', { ...promotion, ttl: '10s' });
  const { expireTime } = await held.inPhase('AWAITING_DELIVERY');
  const port = Number(temporal.address.split(':')[1]);
  const firstFailure = simulator.webhookLog.length;

  if (temporal.pid === undefined) throw new Error('This test did not start the Temporal server.');
  process.kill(temporal.pid, 'SIGKILL');
  await temporal.stop();
  simulator.bringOnline(deliveries.waiting.phone);
  await until(() => expired(deliveries));
  await until(() => simulator.webhookLog.slice(firstFailure).some(({ status }) => status === 503));
  await until(() => Date.now() > Date.parse(expireTime) + 6_000);
  temporalAgain = await startDevServer({ dbFilename, port, env: { ...process.env, TEMPORAL_ADDRESS: '' } });

  await expectAllWell(deliveries);
  expect((await held.ended()).outcome).toBe('DELIVERED_BY_SMS');
  const [late] = (await held.ended()).timeline.filter(({ event }) => event === 'wokeLate');
  expect(late?.detail).toMatch(/late, Temporal by \d+s$/);
});
