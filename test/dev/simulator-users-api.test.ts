import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../dev/simulator/simulator.js';
import type { Bench } from './simulator-bench.js';
import { assertion, createBench, MESSAGE_ID, PHONE, readAccount, requestToken } from './simulator-bench.js';

/** What Google's published Node helper uses besides create and revoke. */
const WITHOUT_RCS = '+15550100004';
let bench: Bench;
afterEach(() => bench.close());
const start = async (options: Partial<SimulatorOptions> = {}) =>
  (bench = await createBench({
    defaultBehaviour: 'offline',
    phones: { [WITHOUT_RCS]: { rcs: 'notRcs' } },
    ...options,
  }));
const post = async (path: string, body: unknown) => {
  const answer = await fetch(`${bench.simulator.url}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: await bench.authorization() },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('users:batchGet', () => {
  test('lists the numbers that the agent reaches, US numbers also by carrier', async () => {
    await start({
      carriers: [
        { regionId: 'us-acme', prefixes: ['+1555'] },
        { regionId: 'fi-rcs', prefixes: ['+358'] },
      ],
    });
    bench.simulator.changeLaunchState({ agentId: 'acme-agent', regionId: 'fi-rcs', newLaunchState: 'SUSPENDED' });
    const users = [PHONE, WITHOUT_RCS, '+34600000001', '+358400000001'];
    expect(await post('users:batchGet', { users, agentId: 'acme-agent' })).toEqual({
      status: 200,
      body: {
        reachableUsers: [PHONE, '+34600000001'],
        totalRandomSampleUserCount: 0,
        reachableRandomSampleUserCount: 0,
        reachableUsersMap: { 'us-acme': { reachableUsers: [PHONE] } },
      },
    });
  });

  test('from 500 numbers on, estimates the reach by a sample of three quarters', async () => {
    await start();
    const users = Array.from({ length: 500 }, (_, index) => `+34600000${String(index).padStart(3, '0')}`);
    expect((await post('users:batchGet', { users, agentId: 'acme-agent' })).body).toMatchObject({
      totalRandomSampleUserCount: 375,
      reachableRandomSampleUserCount: 375,
    });
  });

  test('takes the agent from the query, as Google’s helper sends it, and needs one', async () => {
    await start();
    expect((await post('users:batchGet?agentId=acme-agent', { users: [PHONE] })).status).toBe(200);
    expect((await post('users:batchGet', { users: [PHONE] })).status).toBe(403);
  });

  test.each([
    ['no numbers', []],
    ['a number that is not E.164', ['0600']],
    ['more than 10,000', Array.from({ length: 10_001 }, () => PHONE)],
  ])('refuses %s with 400', async (_name, users) => {
    await start();
    expect((await post('users:batchGet?agentId=acme-agent', { users })).status).toBe(400);
  });

  test('needs a token', async () => {
    await start();
    const answer = await fetch(`${bench.simulator.url}/v1/users:batchGet?agentId=acme-agent`, { method: 'POST' });
    expect(answer.status).toBe(401);
  });
});

describe('agentEvents', () => {
  const send = (body: unknown, eventId = MESSAGE_ID, phone = PHONE) =>
    post(`phones/${phone}/agentEvents?eventId=${eventId}&agentId=acme-agent`, body);

  test.each([{ eventType: 'IS_TYPING' }, { eventType: 'READ', messageId: 'Um123' }])('%o', async (event) => {
    await start();
    const { status, body } = await send(event);
    expect([status, body]).toMatchObject([200, { name: `phones/${PHONE}/agentEvents/${MESSAGE_ID}`, ...event }]);
    expect(body).toHaveProperty('sendTime');
    expect(bench.simulator.agentEvents).toMatchObject([{ phone: PHONE, eventId: MESSAGE_ID, ...event }]);
  });

  test.each([
    ['READ without a messageId', { eventType: 'READ' }],
    ['an unknown type', { eventType: 'PONDERS' }],
    ['no JSON object', 'IS_TYPING'],
  ])('refuses %s with 400', async (_name, body) => {
    await start();
    expect((await send(body)).status).toBe(400);
    expect(bench.simulator.agentEvents).toEqual([]);
  });

  test('refuses an id that is not a UUID (400) and a phone without RCS (404)', async () => {
    await start();
    expect((await send({ eventType: 'IS_TYPING' }, 'abc')).status).toBe(400);
    expect((await send({ eventType: 'IS_TYPING' }, MESSAGE_ID, WITHOUT_RCS)).status).toBe(404);
  });

  test.each([200, 409] as const)('shares its ids with messages: the second use is ignored, %i', async (status) => {
    await start({ duplicateCreate: status });
    expect((await send({ eventType: 'IS_TYPING' })).status).toBe(200);
    expect((await send({ eventType: 'IS_TYPING' })).status).toBe(status);
    expect((await bench.create()).status).toBe(status);
    bench.simulator.bringOnline(PHONE);
    expect(bench.simulator.truthFor(MESSAGE_ID)).toMatchObject({ rcs: 0 });
    expect(bench.simulator.agentEvents).toHaveLength(1);
  });
});

test('the token endpoint takes the audience and the path of Google’s older libraries', async () => {
  await start();
  const account = await readAccount(bench.simulator);
  const jwt = assertion(account, { aud: 'https://www.googleapis.com/oauth2/v4/token' });
  expect((await requestToken(account, jwt)).status).toBe(200);
  const old = { ...account, token_uri: `${bench.simulator.url}/oauth2/v4/token` };
  expect((await requestToken(old, jwt)).status).toBe(200);
});
