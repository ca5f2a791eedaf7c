import { afterEach, describe, expect, test } from 'vitest';
import twilio, { type RequestClient } from 'twilio';
import { z } from 'zod';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import { createVirtualClock } from '../../dev/simulator/virtual-clock.js';
import type { Bench } from './simulator-bench.js';
import { createBench, MESSAGE_ID, PHONE } from './simulator-bench.js';

/** How Twilio refuses requests, who may sign in, and how its messaging services choose a sender. */
const FROM = '+15550109999';
const SERVICE = `MG${'a'.repeat(32)}`;
const POOL = ['+15550101001', '+15550101002', '+15550101003'];
let bench: Bench;
afterEach(() => bench.close());
const start = async (options: Partial<SimulatorOptions> = {}) => (bench = await createBench(options));
const truth = () => bench.simulator.truthFor(MESSAGE_ID);

const signIn = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
type Fields = Readonly<Record<string, string | undefined>>;
interface Call {
  readonly authorization?: string;
  readonly accountSid?: string;
}
const request = (path: string, { authorization, accountSid }: Call, init: RequestInit = {}) => {
  const { twilioUrl, twilio: account } = bench.simulator;
  return fetch(`${twilioUrl}/2010-04-01/Accounts/${accountSid ?? account.accountSid}/${path}`, {
    ...init,
    headers: { authorization: authorization ?? signIn(account.accountSid, account.authToken) },
  });
};
async function send(fields: Fields = {}, call: Call = {}) {
  const StatusCallback = `${bench.receiver.url}/twilio?reference=${MESSAGE_ID}`;
  const all: Fields = { To: PHONE, From: FROM, Body: 'Hello', StatusCallback, ...fields };
  const given = Object.entries(all).filter((field): field is [string, string] => field[1] !== undefined);
  const answer = await request('Messages.json', call, { method: 'POST', body: new URLSearchParams(given) });
  const Body = z.looseObject({ code: z.number().optional() });
  return { status: answer.status, body: Body.parse(await answer.json()) };
}
const codeOf = async (fields: Fields = {}, call: Call = {}) => (await send(fields, call)).body.code;
const Page = z.object({ messages: z.array(z.looseObject({ to: z.string(), from: z.string().nullable() })) });
const list = async (query: Record<string, string> = {}) =>
  Page.parse(await (await request(`Messages.json?${new URLSearchParams(query).toString()}`, {})).json()).messages;

test.each([
  ['a To that is no number', { To: '+12' }, 21211, 400],
  ['no sender', { From: undefined }, 21603, 400],
  ['a From that is no sender', { From: '+1 (555)' }, 21212, 400],
  ['a name of more than eleven characters', { From: 'ACME Limited' }, 21212, 400],
  ['a callback that is no URL', { StatusCallback: 'webhook/twilio' }, 21609, 400],
  ['a callback whose host has an underscore', { StatusCallback: 'http://my_host/twilio' }, 21609, 400],
  ['a validity of 0 s', { ValidityPeriod: '0' }, 21624, 400],
  ['a validity of more than ten hours', { ValidityPeriod: '36001' }, 21624, 400],
  ['a validity that is no integer', { ValidityPeriod: '1.5' }, 21624, 400],
] as const)('refuses %s', async (_name, fields, code, status) => {
  await start();
  expect(await send(fields)).toMatchObject({ status, body: { code, status } });
  expect(truth().sms).toBe(0);
});

test.each([
  [21606, 400],
  [21603, 400],
  [21212, 400],
  [21659, 400],
  [21660, 400],
  [21609, 400],
  [21610, 400],
  [21211, 400],
  [20003, 401],
  [20429, 429],
] as const)('%i can be scripted for a number, a sender or the account', async (code, status) => {
  await start({ phones: { [PHONE]: { sms: { code } } } });
  expect(await send()).toMatchObject({ status, body: { code, status } });
  bench.simulator.script(PHONE, {});
  expect((await send()).status).toBe(201);
  bench.simulator.scriptSms({ provider: 'twilio', sender: FROM, answer: { code } });
  expect(await send()).toMatchObject({ status, body: { code } });
  expect((await send({ From: '+15550108888' })).status).toBe(201);
  bench.simulator.scriptSms({ provider: 'twilio', answer: { code } });
  expect(await send({ From: '+15550108888' })).toMatchObject({ status, body: { code } });
  bench.simulator.scriptSms({ provider: 'twilio', answer: null });
  bench.simulator.scriptSms({ provider: 'twilio', sender: FROM, answer: null });
  expect((await send()).status).toBe(201);
});

test('STOP to a sender: 21610 from this sender, as Twilio itself does', async () => {
  await start();
  bench.simulator.optOut({ phone: PHONE, channel: 'sms', sender: FROM });
  expect(await codeOf()).toBe(21610);
  expect((await send({ From: '+15550108888' })).status).toBe(201);
});

describe('an API key', () => {
  test('sends in place of the auth token, also through Twilio’s library', async () => {
    await start();
    const [key] = bench.simulator.twilioApiKeys;
    if (key === undefined) throw new Error('no key');
    expect((await send({}, { authorization: signIn(key.sid, key.secret) })).status).toBe(201);
    expect((await send()).status).toBe(201);
    expect(truth().smsRequests).toMatchObject([{ credential: 'apiKey' }, { credential: 'authToken' }]);
    const { accountSid } = bench.simulator.twilio;
    const { uri, authorization } = await libraryRequest(key.sid, key.secret, accountSid);
    const { pathname } = new URL(uri);
    const answer = await fetch(`${bench.simulator.twilioUrl}${pathname}`, {
      ...{ method: 'POST', headers: { authorization } },
      body: new URLSearchParams({ To: PHONE, From: FROM, Body: 'Hello' }),
    });
    expect(answer.status).toBe(201);
  });

  test('20003 for a wrong secret, an unknown key, and another account', async () => {
    await start({ twilioApiKeys: [{ sid: 'SK1', secret: 'a' }] });
    expect((await send({}, { authorization: signIn('SK1', 'a') })).status).toBe(201);
    expect(await codeOf({}, { authorization: signIn('SK1', 'b') })).toBe(20003);
    expect(await codeOf({}, { authorization: signIn('SK2', 'a') })).toBe(20003);
    expect(await codeOf({}, { authorization: signIn('SK1', 'a'), accountSid: 'AC1' })).toBe(20003);
  });
});

/** What Twilio's library puts into a request when it is given an API key. */
async function libraryRequest(sid: string, secret: string, accountSid: string) {
  const seen: { uri: string; authorization: string }[] = [];
  class Recorder extends twilio.RequestClient {
    override async request({ uri, username = '', password = '' }: Parameters<RequestClient['request']>[0]) {
      seen.push({ uri, authorization: signIn(username, password) });
      return Promise.reject(new Error('only recorded'));
    }
  }
  const client = twilio(sid, secret, { accountSid, httpClient: new Recorder() });
  await expect(client.messages.create({ to: PHONE, from: FROM, body: 'Hello' })).rejects.toThrow('only recorded');
  const [only] = seen;
  if (only === undefined) throw new Error('no request');
  return only;
}

describe('a messaging service', () => {
  const services = { [SERVICE]: POOL, [`MG${'0'.repeat(32)}`]: [] };
  const through = (fields: Fields = {}) => send({ From: undefined, MessagingServiceSid: SERVICE, ...fields });

  test('picks the same sender of its pool for one recipient, and several for many', async () => {
    await start({ twilioServices: services });
    const phones = Array.from({ length: 20 }, (_, index) => `+155501002${String(index).padStart(2, '0')}`);
    for (const To of [...phones, ...phones])
      expect((await through({ To })).body).toMatchObject({ messaging_service_sid: SERVICE });
    const senders = new Map<string, Set<string | null>>();
    for (const { to, from } of await list({ PageSize: '100' }))
      senders.set(to, (senders.get(to) ?? new Set<string | null>()).add(from));
    for (const own of senders.values()) expect(own.size).toBe(1);
    const used = new Set([...senders.values()].flatMap((own) => [...own]));
    expect(used.size).toBeGreaterThan(1);
    for (const sender of used) expect(POOL).toContain(sender);
  });

  test('may be given with a sender of its pool, and with no other', async () => {
    await start({ twilioServices: services });
    expect(await through({ From: POOL[1] })).toMatchObject({ status: 201, body: { from: POOL[1] } });
    expect((await through({ From: FROM })).body.code).toBe(21606);
  });

  test('must exist (21701) and have a sender (21703)', async () => {
    await start({ twilioServices: services });
    expect(await through({ MessagingServiceSid: `MG${'f'.repeat(32)}` })).toMatchObject({
      status: 404,
      body: { code: 21701 },
    });
    expect((await through({ MessagingServiceSid: `MG${'0'.repeat(32)}` })).body.code).toBe(21703);
  });

  test('sender scripts apply to the service', async () => {
    await start({ twilioServices: services });
    bench.simulator.scriptSms({ provider: 'twilio', sender: SERVICE, answer: { code: 21660 } });
    expect((await through()).body.code).toBe(21660);
    expect((await send()).status).toBe(201);
  });
});

describe('a message that its service sent by RCS', () => {
  test.each([
    ['rcs', 1],
    ['rcsOnly', 0],
  ] as const)('is listed as rcs:+…; %s: a filter by the number finds %i', async (smsListedAs, found) => {
    await start({ defaultBehaviour: { smsListedAs } });
    await send();
    expect(await list()).toMatchObject([{ to: `rcs:${PHONE}` }]);
    expect(await list({ To: `rcs:${PHONE}` })).toHaveLength(1);
    expect(await list({ To: PHONE })).toHaveLength(found);
  });
});

describe('ValidityPeriod', () => {
  test('is recorded', async () => {
    await start();
    await send({ ValidityPeriod: '600' });
    expect(truth().smsRequests).toMatchObject([
      { provider: 'twilio', sender: FROM, validitySeconds: 600, answer: 201 },
    ]);
  });

  test('that ends in the queue: the SMS fails with 30036 and is never sent', async () => {
    const clock = createVirtualClock();
    await start({ clock, defaultBehaviour: { smsQueuedFor: '60s' } });
    await send({ ValidityPeriod: '30' });
    clock.advanceBy(30_000);
    await bench.simulator.idle();
    const callbacks = bench.receiver.calls.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(callbacks).toMatchObject([{ MessageStatus: 'failed', ErrorCode: '30036' }]);
    expect(await list()).toMatchObject([{ status: 'failed', error_code: 30036 }]);
    clock.advanceBy(3_600_000);
    expect(truth().smsDelivered).toBe(0);
  });
});
