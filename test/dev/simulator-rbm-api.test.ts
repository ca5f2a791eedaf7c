import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import type { Bench } from './simulator-bench.js';
import { createBench, MESSAGE_ID, PHONE } from './simulator-bench.js';

let bench: Bench;
afterEach(() => bench.close());
const start = async (options: Partial<SimulatorOptions> = {}) => (bench = await createBench(options));
const truth = () => bench.simulator.truthFor(MESSAGE_ID);

describe('create', () => {
  test('answers with the AgentMessage and queues the message', async () => {
    const { create, simulator } = await start({ defaultBehaviour: 'offline' });
    const answer = await create({ body: { contentMessage: { text: 'Hello' }, ttl: '600s' } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      name: `phones/${PHONE}/agentMessages/${MESSAGE_ID}`,
      expireTime: new Date(truth().expireTime ?? 0).toISOString(),
      contentMessage: { text: 'Hello' },
    });
    const { acceptedAt = 0, expireTime = 0 } = truth();
    expect(expireTime - acceptedAt).toBeGreaterThanOrEqual(599_000);
    expect(expireTime - acceptedAt).toBeLessThanOrEqual(600_000);
    expect(simulator.groundTruth(PHONE)).toEqual([]);
  });

  test('a phone without RCS: 404 with a google.rpc.Status, and nothing is queued', async () => {
    await start({ defaultBehaviour: 'notRcs' });
    const answer = await bench.create();
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
    expect(truth()).toMatchObject({ rcs: 0, creates: [{ answer: 404, tookEffect: false }] });
    expect(truth().acceptedAt).toBeUndefined();
  });

  test.each([200, 409] as const)(
    'an id that was used before sends nothing more and answers %i, even after a revocation',
    async (status) => {
      await start({ defaultBehaviour: { deliverAfter: '50ms' }, duplicateCreate: status });
      await bench.create();
      expect((await bench.create()).status).toBe(status);
      await expect.poll(() => truth().rcs).toBe(1);
      expect((await bench.create()).status).toBe(status);
      expect(truth().rcs).toBe(1);
      expect(truth().creates.map(({ tookEffect }) => tookEffect)).toEqual([true, false, false]);
    },
  );

  test.each([
    ['no contentMessage', {}],
    ['two kinds of content', { contentMessage: { text: 'a', fileName: 'b' } }],
    ['ttl and expireTime', { contentMessage: { text: 'a' }, ttl: '1s', expireTime: '2030-01-01T00:00:00Z' }],
    ['a ttl over 15 days', { contentMessage: { text: 'a' }, ttl: '1300000s' }],
    ['an unknown traffic type', { contentMessage: { text: 'a' }, messageTrafficType: 'OTHER' }],
    ['an unknown field', { contentMessage: { text: 'a' }, fallback: {} }],
    ['no JSON', '{'],
  ])('refuses %s with 400', async (_name, body) => {
    await start();
    const answer = await bench.create({ body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { status: 'INVALID_ARGUMENT' } });
  });

  test('refuses an id that is not a UUID (400), a missing agent, and an agent with a domain (403)', async () => {
    await start();
    expect((await bench.create({ query: 'messageId=abc&agentId=acme-agent' })).status).toBe(400);
    expect((await bench.create({ query: `messageId=${MESSAGE_ID}` })).status).toBe(403);
    expect((await bench.create({ query: `messageId=${MESSAGE_ID}&agentId=acme-agent@rbm.goog` })).status).toBe(403);
  });

  test('a phone number may be percent-encoded, and a malformed one is answered 400', async () => {
    await start({ defaultBehaviour: 'offline' });
    expect((await bench.create({ phone: encodeURIComponent(PHONE) })).status).toBe(200);
    expect(truth().phone).toBe(PHONE);
    expect((await bench.create({ phone: '15550100001' })).status).toBe(400);
  });
});

describe('the two documented ways to answer a DELETE', () => {
  const fresh = '11111111-1111-4111-8111-111111111111';
  test.each([
    { deleteReading: 'new', queued: 200, again: 404, delivered: 404, unknown: 404 },
    { deleteReading: 'old', queued: 200, again: 200, delivered: 200, unknown: 200 },
  ] as const)('$deleteReading', async ({ deleteReading, queued, again, delivered, unknown }) => {
    await start({ deleteReading, defaultBehaviour: 'offline' });
    await bench.create();
    expect((await bench.revoke()).status).toBe(queued);
    expect((await bench.revoke()).status).toBe(again);
    expect(truth()).toMatchObject({ rcs: 0, revokedBy: 'delete' });
    expect(truth().deletes.map(({ tookEffect }) => tookEffect)).toEqual([true, false]);
    await bench.create({ messageId: fresh });
    bench.simulator.bringOnline(PHONE);
    expect((await bench.revoke(fresh)).status).toBe(delivered);
    expect(bench.simulator.truthFor(fresh)).toMatchObject({ rcs: 1, deletes: [{ tookEffect: false }] });
    expect((await bench.revoke('22222222-2222-4222-8222-222222222222')).status).toBe(unknown);
    expect(truth().rcs).toBe(0);
  });

  test('a second DELETE may be answered 200 under `new`, too', async () => {
    await start({ secondDelete: 200, defaultBehaviour: 'offline' });
    await bench.create();
    await bench.revoke();
    expect((await bench.revoke()).status).toBe(200);
  });

  test('a successful DELETE is answered with an empty object', async () => {
    await start({ defaultBehaviour: 'offline' });
    await bench.create();
    expect(await (await bench.revoke()).json()).toEqual({});
  });

  test("another phone's message is not revoked", async () => {
    await start({ defaultBehaviour: 'offline' });
    await bench.create();
    expect((await bench.revoke(MESSAGE_ID, '+15550100002')).status).toBe(404);
    expect(truth().revokedAt).toBeUndefined();
  });
});

test('capabilities: features for a phone with RCS, 404 for one without', async () => {
  await start({ phones: { '+15550100004': { rcs: 'notRcs' } } });
  const ask = async (phone: string) =>
    fetch(`${bench.simulator.url}/v1/phones/${phone}/capabilities?requestId=${MESSAGE_ID}&agentId=acme-agent`, {
      headers: { authorization: await bench.authorization() },
    });
  expect(await (await ask(PHONE)).json()).toHaveProperty('features');
  expect((await ask('+15550100004')).status).toBe(404);
});

test('an unknown path is answered with an HTML page, as by Google’s front end', async () => {
  await start();
  const answer = await fetch(`${bench.simulator.url}/v2/anything`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toContain('text/html');
});
