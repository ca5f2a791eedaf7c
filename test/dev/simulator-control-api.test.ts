import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Bench } from './simulator-bench.js';
import { createBench, eventOf, MESSAGE_ID, PHONE } from './simulator-bench.js';

/** Everything that a test of this process can do, anybody can do over HTTP. */
let bench: Bench;
beforeEach(async () => {
  bench = await createBench({ defaultBehaviour: 'offline' });
});
afterEach(() => bench.close());
const events = async () => {
  await bench.simulator.idle();
  return bench.receiver.calls.map(eventOf);
};

test('phones and online', async () => {
  await bench.create();
  expect(await bench.control('online', { phone: PHONE })).toBe(204);
  expect(bench.simulator.truthFor(MESSAGE_ID).rcs).toBe(1);
  expect(await bench.control('phones', { phone: PHONE, behaviour: 'overUserLimit' })).toBe(204);
  expect((await bench.create()).status).toBe(429);
});

test('opt-outs, and what people said in the ground truth', async () => {
  expect(await bench.control('opt-outs', { phone: PHONE, agentId: 'acme-agent', parts: 'event' })).toBe(204);
  expect(await events()).toMatchObject([{ eventType: 'UNSUBSCRIBE' }]);
  const truth = z
    .object({ optOuts: z.record(z.string(), z.array(z.unknown())), agentEvents: z.array(z.unknown()) })
    .parse(await (await fetch(`${bench.simulator.url}/__simulator/truth`)).json());
  expect(truth).toMatchObject({ optOuts: { [PHONE]: [{ says: 'UNSUBSCRIBE', agentId: 'acme-agent' }] } });
});

test('carriers and launch events', async () => {
  expect(await bench.control('carriers', { regionId: 'us-acme', prefixes: ['+1555'] })).toBe(204);
  const change = { agentId: 'acme-agent', regionId: 'us-acme', newLaunchState: 'SUSPENDED' };
  expect(await bench.control('launch-events', change)).toBe(204);
  expect(await events()).toMatchObject([{ newLaunchState: 'SUSPENDED' }]);
  expect((await bench.create()).status).toBe(404);
});

test('agents', async () => {
  expect(await bench.control('agents', { agentId: 'acme-agent', useCase: 'MULTI_USE' })).toBe(204);
  expect((await bench.create()).status).toBe(400);
});

test('an outage of RBM', async () => {
  expect(await bench.control('outage', { create: { status: 503, retryAfter: 7 } })).toBe(204);
  const answer = await bench.create();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
  expect(await bench.control('outage', {})).toBe(204);
  expect((await bench.create()).status).toBe(200);
});

test('answers and connections of SMS providers', async () => {
  expect(await bench.control('sms', { provider: 'http', answer: { status: 402, reason: 'account' } })).toBe(204);
  const answer = await bench.sms(MESSAGE_ID);
  expect([answer.status, await answer.json()]).toMatchObject([402, { reason: 'account' }]);
  expect(await bench.control('sms', { provider: 'http', answer: null })).toBe(204);
  expect(await bench.control('sms-connections', { provider: 'http', connections: 'refused' })).toBe(204);
  await expect(bench.sms(MESSAGE_ID)).rejects.toThrow();
  expect(await bench.control('sms-connections', { provider: 'http', connections: 'accepted' })).toBe(204);
  expect((await bench.sms(MESSAGE_ID)).status).toBe(202);
});

test('any event', async () => {
  const event = {
    eventType: 'DELIVERED',
    senderPhoneNumber: '+15550100777',
    messageId: MESSAGE_ID,
    agentId: 'a@rbm.goog',
  };
  expect(await bench.control('events', event)).toBe(204);
  expect(await events()).toEqual([event]);
});

test('the reading of DELETE', async () => {
  expect((await bench.revoke()).status).toBe(404);
  expect(await bench.control('delete-reading', { reading: 'old' })).toBe(204);
  expect((await bench.revoke()).status).toBe(200);
});

test.each([
  ['phones', { phone: PHONE, behaviour: { rcs: 'sometimes' } }],
  ['opt-outs', { phone: '0600', agentId: 'acme-agent' }],
  ['opt-outs', { phone: PHONE }],
  ['launch-events', { agentId: 'acme-agent', regionId: 'fi-rcs', newLaunchState: 'GONE' }],
  ['carriers', { regionId: 'fi-rcs', prefixes: [] }],
  ['agents', { agentId: 'acme-agent', useCase: 'OTHER' }],
  ['outage', { create: 'sulks' }],
  ['outage', { creates: 503 }],
  ['sms', { provider: 'pigeon', answer: 429 }],
  ['sms-connections', { provider: 'http', connections: 'maybe' }],
  ['events', 'DELIVERED'],
  ['delete-reading', { reading: 'newest' }],
])('%s refuses %o with 400', async (name, body) => {
  expect(await bench.control(name, body)).toBe(400);
});
