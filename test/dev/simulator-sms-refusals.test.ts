import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import type { Bench } from './simulator-bench.js';
import { createBench, MESSAGE_ID, PHONE } from './simulator-bench.js';

/** How the `http` gateway refuses SMS, and how long they are of use. */
let bench: Bench;
afterEach(() => bench.close());
const start = async (options: Partial<SimulatorOptions> = {}) => (bench = await createBench(options));
const truth = () => bench.simulator.truthFor(MESSAGE_ID);
const send = async (key = 'key', fields = {}) => {
  const answer = await bench.sms(MESSAGE_ID, key, 'Hello', fields);
  return { status: answer.status, body: await answer.json() };
};

test('a refusal may have a reason', async () => {
  await start({ phones: { [PHONE]: { sms: [{ reason: 'recipient' }, { status: 422, reason: 'sender' }, 400] } } });
  expect(await send()).toMatchObject({ status: 400, body: { reason: 'recipient' } });
  expect(await send()).toMatchObject({ status: 422, body: { reason: 'sender' } });
  expect((await send()).body).not.toHaveProperty('reason');
  expect(truth().sms).toBe(0);
});

test('429 for everybody or for one sender, until it is switched off', async () => {
  await start();
  bench.simulator.scriptSms({ provider: 'http', answer: 429 });
  for (let call = 0; call < 4; call += 1) expect((await send()).status).toBe(429);
  bench.simulator.scriptSms({ provider: 'http', answer: null });
  bench.simulator.scriptSms({ provider: 'http', sender: '+15550109999', answer: { reason: 'sender' } });
  expect((await send()).body).toMatchObject({ reason: 'sender' });
  expect((await send('other', { from: '+15550108888' })).status).toBe(202);
});

test('a provider’s own script replaces the phone’s common one', async () => {
  await start({ phones: { [PHONE]: { sms: 503, smsByProvider: { http: ['ok'] } } } });
  expect((await send()).status).toBe(202);
});

describe('connections', () => {
  test('are refused by the operating system until they are accepted again, on the same port', async () => {
    await start();
    const { simulator } = bench;
    expect((await send('1')).status).toBe(202);
    await simulator.setSmsConnections('http', 'refused');
    await expect(bench.sms(MESSAGE_ID)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect((await fetch(`${simulator.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${simulator.twilioUrl}/healthz`)).status).toBe(200);
    await simulator.setSmsConnections('http', 'accepted');
    expect((await send('2')).status).toBe(202);
    expect(truth().smsRequests).toHaveLength(2);
  });

  test('cut a call that is waiting for its answer', async () => {
    await start({ phones: { [PHONE]: { sms: 'hang' } } });
    const waiting = bench.sms(MESSAGE_ID).catch(() => 'cut');
    await expect.poll(() => bench.simulator.wholeTruth().messages[MESSAGE_ID]?.smsRequests.length).toBe(1);
    await bench.simulator.setSmsConnections('http', 'refused');
    expect(await waiting).toBe('cut');
  });

  test('stop closes all ports, also when one refuses already', async () => {
    await start();
    const { url, smsUrl, twilioUrl } = bench.simulator;
    await bench.simulator.setSmsConnections('twilio', 'refused');
    await bench.simulator.stop();
    for (const address of [url, smsUrl, twilioUrl])
      await expect(fetch(address)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});

describe('validitySeconds', () => {
  test('is recorded, and may be less when the request is repeated', async () => {
    await start();
    expect((await send('key', { validitySeconds: 600 })).status).toBe(202);
    expect((await send('key', { validitySeconds: 540 })).status).toBe(200);
    expect(truth()).toMatchObject({
      sms: 1,
      smsRequests: [
        { provider: 'http', sender: '+15550109999', validitySeconds: 600 },
        { provider: 'http', validitySeconds: 540 },
      ],
    });
  });

  test.each([0, -1, 1.5, '600'])('refuses %o', async (validitySeconds) => {
    await start();
    expect((await send('key', { validitySeconds })).status).toBe(400);
  });

  test.each([
    ['ends in the queue: the SMS is dropped and reported', 9, 'UNDELIVERED', 0],
    ['outlasts the queue: the SMS is sent', 11, 'DELIVERED', 1],
  ])('%s', async (_name, validitySeconds, status, delivered) => {
    const clock = createVirtualClock();
    await start({ clock, defaultBehaviour: { smsQueuedFor: '10s', smsReceiptDelay: 0 } });
    await send('key', { validitySeconds });
    clock.advanceBy(60_000);
    await bench.simulator.idle();
    expect(bench.receiver.calls.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([{ status }]);
    expect(truth().smsDelivered).toBe(delivered);
  });
});
