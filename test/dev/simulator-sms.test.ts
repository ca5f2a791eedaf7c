import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import type { Bench, createReceiver } from './simulator-bench.js';
import { createBench, MESSAGE_ID, PHONE, SECRET } from './simulator-bench.js';

const REFERENCE = `message-delivery:acme-agent:${MESSAGE_ID}`;

let bench: Bench;
afterEach(() => bench.close());
async function start(options: Partial<SimulatorOptions> = {}, answer?: Parameters<typeof createReceiver>[0]) {
  return (bench = await createBench({ defaultBehaviour: { smsReceiptDelay: '20ms' }, ...options }, answer));
}
const truth = () => bench.simulator.truthFor(MESSAGE_ID);
const idOf = async (answer: Response) => z.object({ id: z.string() }).parse(await answer.json()).id;
const receipts = () =>
  bench.receiver.calls.map(({ body }) => z.looseObject({ status: z.string() }).parse(JSON.parse(body)).status);

test('an SMS is accepted, reaches the phone, and has a receipt signed by Standard Webhooks', async () => {
  await start();
  const answer = await bench.sms(REFERENCE, 'key-1');
  expect(answer.status).toBe(202);
  await expect.poll(() => bench.receiver.calls.length).toBe(1);
  const [receipt] = bench.receiver.calls;
  const verified = new Webhook(SECRET).verify(receipt?.body ?? '', receipt?.headers as Record<string, string>);
  expect(verified).toMatchObject({ reference: REFERENCE, status: 'DELIVERED' });
  expect(receipt?.url).toBe('/sms');
  expect(truth()).toMatchObject({ sms: 1, smsDelivered: 1, smsRequests: [{ answer: 202, tookEffect: true }] });
  expect(bench.simulator.groundTruth(PHONE)).toMatchObject([{ channel: 'SMS', reference: REFERENCE, text: 'Hello' }]);
});

test('a repeated key returns the first id and sends nothing more, and is refused for another request', async () => {
  await start();
  const first = await idOf(await bench.sms(REFERENCE, 'key-1'));
  expect(await idOf(await bench.sms(REFERENCE, 'key-1'))).toBe(first);
  expect((await bench.sms(REFERENCE, 'key-1', 'Other')).status).toBe(422);
  expect(truth()).toMatchObject({ sms: 1 });
  expect(await idOf(await bench.sms(REFERENCE, 'key-2'))).not.toBe(first);
  expect(truth()).toMatchObject({ sms: 2 });
});

test('with dedupe off a repeated key sends again', async () => {
  await start({ smsDedupe: false });
  await bench.sms(REFERENCE, 'key-1');
  await bench.sms(REFERENCE, 'key-1');
  expect(truth().sms).toBe(2);
});

test('acceptThenReset: the SMS is sent without an answer, and a repeat with the same key finds it', async () => {
  await start({ defaultBehaviour: { sms: ['acceptThenReset', 'ok'] } });
  await expect(bench.sms(REFERENCE, 'key-1')).rejects.toThrow();
  expect(truth().sms).toBe(1);
  expect((await bench.sms(REFERENCE, 'key-1')).status).toBe(200);
  expect(truth()).toMatchObject({ sms: 1, smsRequests: [{ answer: 'reset' }, { answer: 200, tookEffect: false }] });
});

test('a refused request counts as requested, not as sent', async () => {
  await start({ defaultBehaviour: { sms: [{ status: 429, retryAfter: 1 }, 400, 500] } });
  const limited = await bench.sms(REFERENCE, 'key-1');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
  expect((await bench.sms(REFERENCE, 'key-1')).status).toBe(400);
  expect((await bench.sms(REFERENCE, 'key-1')).status).toBe(500);
  expect(truth()).toMatchObject({ sms: 0 });
  expect(truth().smsRequestedAt).toBeDefined();
});

test.each([
  ['undelivered', ['UNDELIVERED'], 0],
  ['sentThenDelivered', ['SENT', 'DELIVERED'], 1],
  ['undeliveredThenDelivered', ['UNDELIVERED', 'DELIVERED'], 1],
] as const)('receipt: %s', async (smsReceipt, expected, delivered) => {
  await start({ defaultBehaviour: { smsReceipt, smsReceiptDelay: '20ms' } });
  await bench.sms(REFERENCE);
  await expect.poll(receipts).toEqual(expected);
  expect(truth().smsDelivered).toBe(delivered);
});

test('without a receipt the phone still gets the SMS', async () => {
  await start({ defaultBehaviour: { smsReceipt: 'none', smsReceiptDelay: '20ms' } });
  await bench.sms(REFERENCE);
  await expect.poll(() => truth().smsDelivered).toBe(1);
  await bench.simulator.idle();
  expect(receipts()).toEqual([]);
});

test('a receipt that the webhook refuses is sent again with the same id', async () => {
  const statuses = [503, 500];
  await start({ webhookRetry: { initialMs: 20 } }, (call) => ({ status: statuses[call] ?? 204 }));
  await bench.sms(REFERENCE);
  await expect.poll(() => bench.receiver.calls.length).toBe(3);
  expect(new Set(bench.receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('a wrong token, a bad body and a body that is not JSON are refused and not counted', async () => {
  await start();
  const post = (authorization: string, body: string) =>
    fetch(bench.simulator.smsUrl, { method: 'POST', headers: { authorization }, body }).then(({ status }) => status);
  const good = JSON.stringify({ to: PHONE, text: 'Hello', reference: REFERENCE });
  expect(await post('Bearer wrong', good)).toBe(401);
  expect(await post('Bearer sms-token', '{}')).toBe(400);
  expect(await post('Bearer sms-token', '{')).toBe(400);
  expect(truth().smsRequestedAt).toBeUndefined();
  expect(await post('Bearer sms-token', good)).toBe(202);
});
