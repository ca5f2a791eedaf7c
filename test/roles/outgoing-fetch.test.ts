import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { endAll, serve } from '../cli/program.js';
import { sharedTemporal } from '../support/shared-temporal.js';

let temporal: Readonly<Record<string, string>>;
let folder: string;
beforeAll(async () => {
  temporal = (await sharedTemporal()).variables;
  folder = await mkdtemp(join(tmpdir(), 'rcs-outgoing-'));
});
afterEach(endAll);
afterAll(() => rm(folder, { recursive: true }));

/** Why a worker has no access token at its start, whose key file names an endpoint at a host that nobody can look up. */
async function reasonOf(variables: Readonly<Record<string, string>>): Promise<unknown> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = {
    ...{ type: 'service_account', client_email: 'tests@example.com', token_uri: 'http://tokens.invalid/token' },
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  const GOOGLE_APPLICATION_CREDENTIALS = join(folder, 'key.json');
  await writeFile(GOOGLE_APPLICATION_CREDENTIALS, JSON.stringify(key));
  const worker = serve(['worker'], { ...temporal, GOOGLE_APPLICATION_CREDENTIALS, ...variables });
  const warned = () => worker.log.find(({ reason }) => String(reason).startsWith('no access token'));
  await expect.poll(warned, { timeout: 30_000 }).toBeDefined();
  await worker.end();
  return warned()?.['reason'];
}

test('in production a worker asks for no token over http, unless the host is named', async () => {
  const refused = 'no access token: EHTTP_NOT_ALLOWED';
  const production = { NODE_ENV: 'production' };
  expect(await reasonOf(production)).toBe(refused);
  expect(await reasonOf({ ...production, ALLOW_CLEARTEXT_HOSTS: 'tokens.invalid' })).not.toBe(refused);
  expect(await reasonOf({})).not.toBe(refused);
});
