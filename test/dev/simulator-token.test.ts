import { generateKeyPairSync } from 'node:crypto';
import { JWT } from 'google-auth-library';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { RBM_SCOPE } from '../../dev/simulator/token-endpoint.js';
import type { Bench } from './simulator-bench.js';
import { assertion, createBench, MESSAGE_ID, readAccount, requestToken } from './simulator-bench.js';

let bench: Bench;
afterEach(() => bench.close());
const start = async (options: Parameters<typeof createBench>[0] = {}) => (bench = await createBench(options));
const bearer = async (answer: Response) =>
  `Bearer ${z.object({ access_token: z.string() }).parse(await answer.json()).access_token}`;

test('Google’s client library gets a token from the key’s token_uri, and RBM accepts it', async () => {
  await start();
  const account = await readAccount(bench.simulator);
  const client = new JWT({ email: account.client_email, key: account.private_key, scopes: [RBM_SCOPE] });
  client.transporter.interceptors.request.add({
    resolved: (config) => Promise.resolve({ ...config, url: new URL(account.token_uri) }),
  });
  const { token } = await client.getAccessToken();
  expect((await bench.create({ token: `Bearer ${token ?? ''}` })).status).toBe(200);
  expect(bench.simulator.tokenCalls).toMatchObject([{ answer: 200 }]);
});

test('refuses an assertion with another key, issuer or audience, or outside its time', async () => {
  await start();
  const account = await readAccount(bench.simulator);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const foreign = { ...account, private_key: other.export({ type: 'pkcs8', format: 'pem' }).toString() };
  const past = Math.floor(Date.now() / 1000) - 7200;
  const bad = [
    assertion(foreign),
    assertion(account, { iss: 'someone@example.com' }),
    assertion(account, { aud: 'https://example.com/token' }),
    assertion(account, { iat: past, exp: past + 3600 }),
    assertion(account, { exp: Math.floor(Date.now() / 1000) + 90_000 }),
    'no.jwt.atall',
  ];
  for (const jwt of bad) {
    const answer = await requestToken(account, jwt);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  }
});

test('every call needs a valid token with RBM’s scope', async () => {
  await start();
  const account = await readAccount(bench.simulator);
  const narrow = await bearer(await requestToken(account, assertion(account, { scope: 'https://example.com/other' })));
  expect((await bench.create({ token: narrow })).status).toBe(403);
  const answer = await bench.create({ token: 'Bearer made-up' });
  expect([answer.status, await answer.json()]).toMatchObject([401, { error: { status: 'UNAUTHENTICATED' } }]);
  expect(bench.simulator.truthFor(MESSAGE_ID).creates.map((call) => call.answer)).toEqual([403, 401]);
});

test('tokens can expire early: 401 until the client gets a new one, without using up scripted answers', async () => {
  await start({ defaultBehaviour: { rcs: 'offline', create: [503, 'ok'] } });
  await bench.authorization();
  bench.simulator.expireTokens();
  expect((await bench.create()).status).toBe(401);
  const account = await readAccount(bench.simulator);
  const token = await bearer(await requestToken(account, assertion(account)));
  expect((await bench.create({ token })).status).toBe(503);
  expect((await bench.create({ token })).status).toBe(200);
});

test('tokens with a short life are refused after it', async () => {
  await start({ tokenLifetimeMs: 50, defaultBehaviour: 'offline' });
  await bench.authorization();
  await expect.poll(async () => (await bench.create()).status).toBe(401);
});

test('the token endpoint itself can be scripted', async () => {
  await start();
  const account = await readAccount(bench.simulator);
  bench.simulator.scriptTokenEndpoint([503, 400, 'ok']);
  const statuses = [];
  for (let call = 0; call < 3; call += 1) statuses.push((await requestToken(account, assertion(account))).status);
  expect(statuses).toEqual([503, 400, 200]);
});
