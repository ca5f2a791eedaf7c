import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { problemsOf } from './problems.js';

let folder: string;
const file = async (name: string, content: string) => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const bytes = (text: string) => new TextEncoder().encode(text);
const temporal = (environment: Record<string, string>) => readClientConfig(environment).temporal;
const problems = (environment: Record<string, string>) => problemsOf(() => temporal(environment));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("Temporal's own variables", () => {
  test('choose the server and the namespace', () => {
    expect(temporal({ TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'messages' })).toEqual({
      address: 'temporal:7233',
      namespace: 'messages',
      options: { address: 'temporal:7233' },
    });
  });

  test.each(['127.0.0.1:7233', '[::1]:7233', 'ns.acct.tmprl.cloud:7233', 'temporal'])(
    'accept the address %s',
    (address) => {
      expect(temporal({ TEMPORAL_ADDRESS: address }).address).toBe(address);
    },
  );

  test('turn TLS on, also by an API key', () => {
    expect(temporal({ TEMPORAL_API_KEY: 'key' }).options).toMatchObject({ apiKey: 'key', tls: true });
    expect(temporal({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' }).options.tls).toBe(false);
    expect(temporal({ TEMPORAL_TLS: 'true' }).options.tls).toBeTruthy();
  });

  test('give a client certificate, from files or as text', async () => {
    const { options } = temporal({
      TEMPORAL_TLS_CLIENT_CERT_PATH: await file('cert.pem', 'cert'),
      TEMPORAL_TLS_CLIENT_KEY_DATA: 'key',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: await file('ca.pem', 'ca'),
      TEMPORAL_TLS_SERVER_NAME: 'temporal.example.com',
    });
    expect(options.tls).toEqual({
      serverNameOverride: 'temporal.example.com',
      serverRootCACertificate: bytes('ca'),
      clientCertPair: { crt: bytes('cert'), key: bytes('key') },
    });
  });

  test('name a profile in a file, and take precedence over it', async () => {
    const profiles = '[profile.cloud]\naddress = "cloud:7233"\nnamespace = "messages"\napi_key = "key"\n';
    const environment = { TEMPORAL_CONFIG_FILE: await file('temporal.toml', profiles), TEMPORAL_PROFILE: 'cloud' };
    expect(temporal(environment)).toMatchObject({ address: 'cloud:7233', namespace: 'messages' });
    expect(temporal({ ...environment, TEMPORAL_NAMESPACE: 'other' })).toMatchObject({ namespace: 'other' });
    expect(problems({ ...environment, TEMPORAL_PROFILE: 'xx' }).problems).toHaveProperty('TEMPORAL_PROFILE');
  });

  test('are each named when they are wrong, and no value is repeated', async () => {
    const wrong = {
      TEMPORAL_ADDRESS: 'grpc://xx',
      TEMPORAL_TLS: 'xx',
      TEMPORAL_TLS_CLIENT_CERT_PATH: '/xx/no-such-file',
    };
    const { problems: found, message } = problems(wrong);
    expect(Object.keys(found).sort()).toEqual(Object.keys(wrong).sort());
    expect(message).not.toContain('xx');
    const half = { TEMPORAL_TLS_CLIENT_CERT_PATH: await file('half.pem', 'cert') };
    expect(problems(half).problems).toHaveProperty('TEMPORAL_TLS_CLIENT_KEY_PATH');
    const broken = problems({ TEMPORAL_CONFIG_FILE: await file('broken.toml', 'xx = = xx') });
    expect(broken.problems).toHaveProperty('TEMPORAL_CONFIG_FILE');
    expect(broken.message).not.toContain('xx');
  });
});
