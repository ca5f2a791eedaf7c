import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import type { Bench } from './simulator-bench.js';
import { assertion, createBench, MESSAGE_ID, PHONE, readAccount, requestToken } from './simulator-bench.js';

/** RBM that accepts nothing, and creates that fail for the caller's reasons. */
let bench: Bench;
afterEach(() => bench.close());
const start = async (options: Partial<SimulatorOptions> = {}) =>
  (bench = await createBench({ defaultBehaviour: 'offline', ...options }));
const truth = () => bench.simulator.truthFor(MESSAGE_ID);

describe('RBM accepts nothing, whatever the phone’s script says', () => {
  test.each([429, 503])('%i until it is switched off', async (status) => {
    await start({ outage: { create: status } });
    for (let call = 0; call < 3; call += 1) expect((await bench.create()).status).toBe(status);
    expect(truth().acceptedAt).toBeUndefined();
    bench.simulator.setOutage({});
    expect((await bench.create()).status).toBe(200);
    bench.simulator.setOutage({ delete: status });
    expect((await bench.revoke()).status).toBe(status);
  });

  test('hangs', async () => {
    await start();
    await bench.authorization();
    bench.simulator.setOutage({ create: 'hang' });
    await expect(bench.create({ signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect(truth()).toMatchObject({ creates: [{ answer: 'hang', tookEffect: false }] });
  });

  test('gives no token, and refuses those that it gave', async () => {
    await start();
    await bench.authorization();
    bench.simulator.setOutage({ token: 503 });
    expect((await bench.create()).status).toBe(401);
    const account = await readAccount(bench.simulator);
    expect((await requestToken(account, assertion(account))).status).toBe(503);
    bench.simulator.setOutage({});
    expect((await requestToken(account, assertion(account))).status).toBe(200);
  });

  test('uses up no answer of a phone’s script', async () => {
    await start({
      outage: { create: [503, 'acceptThenReset'] },
      defaultBehaviour: { rcs: 'offline', create: [400, 'ok'] },
    });
    expect((await bench.create()).status).toBe(503);
    await expect(bench.create()).rejects.toThrow();
    bench.simulator.setOutage({});
    expect((await bench.create()).status).toBe(400);
  });
});

test('a per-user limit never clears, for that number alone', async () => {
  await start({ phones: { [PHONE]: { create: 429 } } });
  for (let call = 0; call < 5; call += 1) {
    const answer = await bench.create();
    expect([answer.status, await answer.json()]).toMatchObject([429, { error: { status: 'RESOURCE_EXHAUSTED' } }]);
  }
  const messageId = '11111111-1111-4111-8111-111111111111';
  expect((await bench.create({ messageId, phone: '+15550100002' })).status).toBe(200);
});

describe('the traffic type', () => {
  const create = (messageTrafficType?: string) =>
    bench.create({ body: { contentMessage: { text: 'Hello' }, messageTrafficType } });

  test.each([undefined, 'MESSAGE_TRAFFIC_TYPE_UNSPECIFIED'])('a multi-use agent: 400 for %s', async (type) => {
    await start({ agents: { 'acme-agent': { useCase: 'MULTI_USE' } } });
    const answer = await create(type);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { status: 'INVALID_ARGUMENT' } }]);
    expect(truth().acceptedAt).toBeUndefined();
    expect((await create('AUTHENTICATION')).status).toBe(200);
    expect(truth().messageTrafficType).toBe('AUTHENTICATION');
  });

  test('any other agent needs none', async () => {
    await start();
    expect((await create()).status).toBe(200);
    bench.simulator.configureAgent('acme-agent', { useCase: 'MULTI_USE' });
    expect((await bench.create({ messageId: '11111111-1111-4111-8111-111111111111' })).status).toBe(400);
  });
});

describe('the answer to a US number says how the message is billed', () => {
  const answerTo = async (contentMessage: unknown, phone = PHONE) =>
    (await (await bench.create({ phone, body: { contentMessage } })).json()) as Record<string, unknown>;

  test('text in segments of 160 bytes, with its carrier and its size', async () => {
    await start({ carriers: [{ regionId: 'us-acme', prefixes: ['+1555'], name: 'ACME_MOBILE' }] });
    expect(await answerTo({ text: `${'a'.repeat(159)}é` })).toMatchObject({
      carrier: 'ACME_MOBILE',
      richMessageClassification: { classificationType: 'RICH_MESSAGE', segmentCount: 2 },
      totalPayloadSizeBytes: expect.stringMatching(/^\d+$/) as string,
    });
  });

  test.each([
    ['a card', { richCard: {} }, 'RICH_MEDIA_MESSAGE'],
    [
      'a webview',
      { text: 'a', suggestions: [{ action: { openUrlAction: { application: 'WEBVIEW' } } }] },
      'RICH_MEDIA_MESSAGE',
    ],
    ['a location', { text: 'a', suggestions: [{ action: { shareLocationAction: {} } }] }, 'RICH_MEDIA_MESSAGE'],
    ['a URL', { text: 'a', suggestions: [{ action: { openUrlAction: {} } }, { reply: {} }] }, 'RICH_MESSAGE'],
  ])('%s', async (_name, content, classificationType) => {
    await start();
    expect(await answerTo(content)).toMatchObject({ richMessageClassification: { classificationType } });
  });

  test('no other number has these fields', async () => {
    await start();
    const answer = await answerTo({ text: 'a' }, '+34600000001');
    for (const field of ['carrier', 'richMessageClassification', 'totalPayloadSizeBytes'])
      expect(answer).not.toHaveProperty(field);
  });
});
