import twilio from 'twilio';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import type { Bench } from './simulator-bench.js';
import { createBench, MESSAGE_ID, PHONE } from './simulator-bench.js';

let bench: Bench;
afterEach(() => bench.close());
async function start(options: Partial<SimulatorOptions> = {}) {
  return (bench = await createBench({ defaultBehaviour: { smsReceiptDelay: '20ms' }, ...options }));
}
const base = () => `${bench.simulator.url}/2010-04-01/Accounts/${bench.simulator.twilio.accountSid}/Messages.json`;
const basic = () => {
  const { accountSid, authToken } = bench.simulator.twilio;
  return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
};
const callback = () => `${bench.receiver.url}/twilio?reference=${encodeURIComponent(`a:b:${MESSAGE_ID}`)}`;
const send = (fields: Readonly<Record<string, string>> = {}, authorization = basic()) =>
  fetch(base(), {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({
      To: PHONE,
      From: '+15550109999',
      Body: 'Hello',
      StatusCallback: callback(),
      ...fields,
    }),
  });
const Page = z.object({
  messages: z.array(z.object({ sid: z.string(), body: z.string(), date_sent: z.string() })),
  next_page_uri: z.string().nullable(),
});
const list = async (query: Readonly<Record<string, string>>) => {
  const answer = await fetch(`${base()}?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: basic() },
  });
  return Page.parse(await answer.json());
};
const truth = () => bench.simulator.truthFor(MESSAGE_ID);

test('creates a message, and signs its status callback as Twilio’s library expects', async () => {
  await start();
  const answer = await send();
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ sid: expect.stringMatching(/^SM[0-9a-f]{32}$/) as string, to: PHONE });
  await expect.poll(() => bench.receiver.calls.length).toBe(1);
  const [call] = bench.receiver.calls;
  const params = Object.fromEntries(new URLSearchParams(call?.body ?? ''));
  expect(params).toMatchObject({ MessageStatus: 'delivered', To: PHONE, From: '+15550109999' });
  const signature = String(call?.headers['x-twilio-signature']);
  const { authToken } = bench.simulator.twilio;
  expect(twilio.validateRequest(authToken, signature, callback(), params)).toBe(true);
  expect(twilio.validateRequest('another', signature, callback(), params)).toBe(false);
  expect(truth()).toMatchObject({ sms: 1, smsDelivered: 1, smsRequests: [{ answer: 201, tookEffect: true }] });
});

test('nothing is deduplicated, and a message whose answer was lost is in the list', async () => {
  await start({ defaultBehaviour: { sms: ['acceptThenReset', 'ok'] } });
  await expect(send()).rejects.toThrow();
  expect((await list({ To: PHONE, 'DateSent>': new Date(Date.now() - 60_000).toISOString() })).messages).toHaveLength(
    1,
  );
  await send();
  expect(truth().sms).toBe(2);
  expect((await list({ To: PHONE })).messages).toHaveLength(2);
  expect((await list({ To: '+15550100002' })).messages).toEqual([]);
  expect((await list({ To: PHONE, 'DateSent>': new Date(Date.now() + 60_000).toISOString() })).messages).toEqual([]);
});

test('lists newest first, in pages', async () => {
  await start();
  for (const Body of ['1', '2', '3']) await send({ Body });
  const first = await list({ To: PHONE, PageSize: '2' });
  expect(first.messages.map(({ body }) => body)).toEqual(['3', '2']);
  const next = await fetch(`${bench.simulator.url}${first.next_page_uri ?? ''}`, {
    headers: { authorization: basic() },
  });
  const second = Page.parse(await next.json());
  expect([second.messages.map(({ body }) => body), second.next_page_uri]).toEqual([['1'], null]);
});

test('a message may be missing from the list for a while', async () => {
  const clock = createVirtualClock();
  await start({ clock, defaultBehaviour: { smsListLag: '5s' } });
  await send();
  expect((await list({ To: PHONE })).messages).toEqual([]);
  clock.advanceBy(5000);
  expect((await list({ To: PHONE })).messages).toHaveLength(1);
});

test('errors carry Twilio’s codes, also when scripted', async () => {
  await start({ defaultBehaviour: { sms: [{ status: 400, code: 21610 }, 429, 500] } });
  const failure = async (answer: Promise<Response>) =>
    z.object({ code: z.number(), status: z.number() }).parse(await (await answer).json());
  expect(await failure(send({ To: '12' }))).toEqual({ code: 21211, status: 400 });
  expect(await failure(send({}, 'Basic d3Jvbmc6d3Jvbmc='))).toEqual({ code: 20003, status: 401 });
  expect(await failure(send())).toEqual({ code: 21610, status: 400 });
  expect(await failure(send())).toEqual({ code: 20429, status: 429 });
  expect(await failure(send())).toEqual({ code: 20500, status: 500 });
  expect(truth()).toMatchObject({ sms: 0 });
});

test('a messaging service can be the sender, and an undelivered SMS has an error code', async () => {
  await start({ defaultBehaviour: { smsReceipt: 'undelivered', smsReceiptDelay: '20ms' } });
  const MessagingServiceSid = `MG${'a'.repeat(32)}`;
  expect(await (await send({ MessagingServiceSid })).json()).toMatchObject({
    messaging_service_sid: MessagingServiceSid,
  });
  await expect.poll(() => bench.receiver.calls.length).toBe(1);
  const params = Object.fromEntries(new URLSearchParams(bench.receiver.calls[0]?.body ?? ''));
  expect(params).toMatchObject({ MessageStatus: 'undelivered', ErrorCode: '30003', MessagingServiceSid });
  expect(truth().smsDelivered).toBe(0);
});
