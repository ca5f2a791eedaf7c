import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { problemsOf } from './problems.js';
import {
  CERTIFICATE,
  ENCRYPTED_PRIVATE_KEY,
  EXPIRED_CERTIFICATE,
  FUTURE_CERTIFICATE,
  OTHER_PRIVATE_KEY,
  PRIVATE_KEY,
} from './tls-files.js';

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

  test.each([
    '127.0.0.1:7233',
    '[::1]:7233',
    '[FD00::1]',
    'ns.acct.tmprl.cloud:7233',
    'temporal',
    'my_temporal-1:7233',
    'münchen:1',
  ])('accept the address %s', (address) => {
    expect(temporal({ TEMPORAL_ADDRESS: address }).address).toBe(address);
  });

  test('turn TLS on, also by an API key', () => {
    expect(temporal({ TEMPORAL_API_KEY: 'key' }).options).toMatchObject({ apiKey: 'key', tls: true });
    expect(temporal({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' }).options.tls).toBe(false);
    expect(temporal({ TEMPORAL_TLS: 'true' }).options.tls).toBeTruthy();
  });

  test('give a client certificate, from files or as text', async () => {
    const { options } = temporal({
      TEMPORAL_TLS_CLIENT_CERT_PATH: await file('cert.pem', CERTIFICATE),
      TEMPORAL_TLS_CLIENT_KEY_DATA: PRIVATE_KEY,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: await file('ca.pem', CERTIFICATE),
      TEMPORAL_TLS_SERVER_NAME: 'temporal.example.com',
    });
    expect(options.tls).toEqual({
      serverNameOverride: 'temporal.example.com',
      serverRootCACertificate: bytes(CERTIFICATE),
      clientCertPair: { crt: bytes(CERTIFICATE), key: bytes(PRIVATE_KEY) },
    });
  });

  test('name a profile in a file, and take precedence over it', async () => {
    const profiles = '[profile.cloud]\naddress = "cloud:7233"\nnamespace = "messages"\napi_key = "key"\n';
    const environment = { TEMPORAL_CONFIG_FILE: await file('temporal.toml', profiles), TEMPORAL_PROFILE: 'cloud' };
    expect(temporal(environment)).toMatchObject({ address: 'cloud:7233', namespace: 'messages' });
    expect(temporal({ ...environment, TEMPORAL_NAMESPACE: 'other' })).toMatchObject({ namespace: 'other' });
    expect(problems({ ...environment, TEMPORAL_PROFILE: 'xx' }).problems).toHaveProperty('TEMPORAL_PROFILE');
  });

  test.each([
    ...['127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:99999', 'temporal,temporal2', 'temporal:7233,temporal2:7233'],
    ...['$(TEMPORAL_HOST):7233', '${TEMPORAL_HOST}:7233', '$TEMPORAL_HOST', 'temporal;', '<host>:7233'],
  ])('refuse the address %s', async (address) => {
    expect(problems({ TEMPORAL_ADDRESS: address }).problems).toHaveProperty('TEMPORAL_ADDRESS');
    const TEMPORAL_CONFIG_FILE = await file('address.toml', `[profile.default]\naddress = "${address}"\n`);
    expect(problems({ TEMPORAL_CONFIG_FILE }).problems).toHaveProperty('TEMPORAL_CONFIG_FILE');
    expect(temporal({ TEMPORAL_CONFIG_FILE, TEMPORAL_ADDRESS: 'temporal:7233' }).address).toBe('temporal:7233');
  });

  test('refuse an address with a scheme and a header with a line break in a profile', async () => {
    for (const wrong of [
      'address = "http://127.0.0.1:9"',
      '[profile.default.grpc_meta]\nauthorization = "Bearer a\\nb"',
    ]) {
      const TEMPORAL_CONFIG_FILE = await file('wrong.toml', `[profile.default]\n${wrong}\n`);
      const found = problems({ TEMPORAL_CONFIG_FILE });
      expect(found.problems).toHaveProperty('TEMPORAL_CONFIG_FILE');
      expect(found.message).not.toContain('Bearer');
    }
  });

  test.each(['TEMPORAL_GRPC_META_X_BIN', 'TEMPORAL_GRPC_META_', 'TEMPORAL_GRPC_META_A B'])('refuse %s', (name) => {
    expect(problems({ [name]: 'abc' }).problems).toEqual({ [name]: 'must name a header that holds text' });
  });

  test('read a certificate with a byte order mark or with text around it as it is without', async () => {
    for (const around of [`\ufeff${CERTIFICATE}`, `some text\n${CERTIFICATE}more`]) {
      const { options } = temporal({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: await file('around.pem', around) });
      expect(options.tls).toMatchObject({ serverRootCACertificate: bytes(CERTIFICATE) });
    }
  });

  test.each([
    'TEMPORAL_CONFIG_FILE',
    'TEMPORAL_API_KEY_FILE',
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  ])('refuse a file that is not there, and a directory, by name: %s', (name) => {
    for (const path of [join(folder, 'no-such-file'), folder])
      expect(problems({ [name]: path }).problems).toEqual({
        [name]: expect.stringMatching(/^must name a readable /) as string,
      });
  });

  test('name the files that are read again', async () => {
    const TEMPORAL_TLS_CLIENT_CERT_PATH = await file('again.crt', CERTIFICATE);
    const TEMPORAL_TLS_CLIENT_KEY_PATH = await file('again.key', PRIVATE_KEY);
    const { files } = temporal({ TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH });
    expect(files?.paths).toEqual([TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH]);
    await file('again.crt', 'new');
    expect(files?.read().tls).toMatchObject({ clientCertPair: { crt: bytes('new'), key: bytes(PRIVATE_KEY) } });
    const data = {
      TEMPORAL_TLS_CLIENT_CERT_DATA: CERTIFICATE,
      TEMPORAL_TLS_CLIENT_KEY_DATA: PRIVATE_KEY,
      TEMPORAL_API_KEY: 'key',
    };
    expect(temporal(data)).not.toHaveProperty('files');
  });

  test('give an API key from a file, which is read again', async () => {
    const TEMPORAL_API_KEY_FILE = await file('api-key', 'key-1\n');
    const { options, files } = temporal({ TEMPORAL_API_KEY_FILE });
    expect(options).toMatchObject({ apiKey: 'key-1', tls: true });
    await file('api-key', 'key-2');
    expect(files?.read().apiKey).toBe('key-2');
    for (const unusable of ['\n', 'k\u00e9y', 'two\nlines']) {
      await file('api-key', unusable);
      expect(() => files?.read()).toThrow('holds none');
      expect(problems({ TEMPORAL_API_KEY_FILE }).problems).toHaveProperty('TEMPORAL_API_KEY_FILE');
    }
    await file('api-key', 'key-3');
    const both = problems({ TEMPORAL_API_KEY_FILE, TEMPORAL_API_KEY: 'xx' });
    expect(both.problems).toHaveProperty('TEMPORAL_API_KEY_FILE');
    expect(both.message).not.toMatch(/xx|key-3/);
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
    const half = { TEMPORAL_TLS_CLIENT_CERT_PATH: await file('half.pem', CERTIFICATE) };
    expect(problems(half).problems).toHaveProperty('TEMPORAL_TLS_CLIENT_KEY_PATH');
    const broken = problems({ TEMPORAL_CONFIG_FILE: await file('broken.toml', 'xx = = xx') });
    expect(broken.problems).toHaveProperty('TEMPORAL_CONFIG_FILE');
    expect(broken.message).not.toContain('xx');
  });
});

const pair: Record<string, string> = {
  TEMPORAL_TLS_CLIENT_CERT_DATA: CERTIFICATE,
  TEMPORAL_TLS_CLIENT_KEY_DATA: PRIVATE_KEY,
};
const CERT = 'TEMPORAL_TLS_CLIENT_CERT_DATA';
const KEY = 'TEMPORAL_TLS_CLIENT_KEY_DATA';
const CA = 'TEMPORAL_TLS_SERVER_CA_CERT_DATA';

describe('PEM in a variable', () => {
  test.each<[string, (pem: string) => string]>([
    ['as a file has it', (pem) => pem],
    ['without the last line break', (pem) => pem.trim()],
    ['with line breaks of Windows', (pem) => pem.replaceAll('\n', '\r\n')],
    ['on one line, with \\n written out', (pem) => pem.replaceAll('\n', '\\n')],
    ['on one line, with \\r\\n written out', (pem) => pem.replaceAll('\n', '\\r\\n')],
    ['on one line, with spaces', (pem) => pem.replaceAll('\n', ' ')],
    ['indented', (pem) => pem.replaceAll('\n', '\n    ')],
    ['in quotes', (pem) => `"${pem}"`],
    ['as base64 of the file', (pem) => Buffer.from(pem).toString('base64')],
    ['as base64 of the file, wrapped', (pem) => Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\n')],
  ])('is taken %s', (_form, written) => {
    const set = { [CERT]: written(CERTIFICATE), [KEY]: written(PRIVATE_KEY), [CA]: written(CERTIFICATE + CERTIFICATE) };
    expect(temporal(set).options.tls).toMatchObject({
      clientCertPair: { crt: bytes(CERTIFICATE), key: bytes(PRIVATE_KEY) },
      serverRootCACertificate: bytes(CERTIFICATE + CERTIFICATE),
    });
  });
});

const garbled = CERTIFICATE.replace(/^MII.{20}/m, 'MIIxxxxxxxxxxxxxxxxxxxx');
const trusted = CERTIFICATE.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE');
describe('a certificate or a key that can’t work', () => {
  test.each<[string, string, string, RegExp]>([
    ['no PEM', CERT, 'xx-no-pem', /^must be a certificate in PEM/],
    ['garbled', CERT, garbled, /^must be a certificate in PEM/],
    ['a key', CERT, PRIVATE_KEY, /^must be a certificate in PEM/],
    ['a trusted one', CERT, trusted, /^must be a certificate in PEM/],
    ['expired', CERT, EXPIRED_CERTIFICATE, /^holds a certificate that expired at 2021/],
    ['not valid yet', CERT, FUTURE_CERTIFICATE, /^holds a certificate that is not valid before 2110/],
    ['no PEM', KEY, 'xx-no-pem', /^must be a private key in PEM/],
    ['a certificate', KEY, CERTIFICATE, /^must be a private key in PEM/],
    ['encrypted', KEY, ENCRYPTED_PRIVATE_KEY, /without a passphrase/],
    ['another one', KEY, OTHER_PRIVATE_KEY, /^must be the key of the client certificate/],
    ['no PEM', CA, 'xx-no-pem', /^must be a certificate in PEM/],
    ['garbled', CA, CERTIFICATE + garbled, /^must be a certificate in PEM/],
    ['a trusted one', CA, trusted, /^must be a certificate in PEM/],
    ['expired', CA, EXPIRED_CERTIFICATE, /^holds a certificate that expired/],
  ])('is refused by its variable, and not repeated: %s in %s', async (what, name, value, problem) => {
    const inVariable = problems({ ...pair, [name]: value });
    expect(inVariable.problems).toEqual({ [name]: expect.stringMatching(problem) as string });
    expect(inVariable.message).not.toMatch(/xx|MII|BEGIN ENC/);
    const path = name.replace('_DATA', '_PATH');
    const inFile = problems({ ...pair, [name]: '', [path]: await file(`${what}.pem`, value) });
    expect(inFile.problems).toEqual({ [path]: expect.stringMatching(problem) as string });
  });

  test('is refused in a profile, too', async () => {
    const toml = `[profile.cloud.tls]\nclient_cert_data = "xx"\nclient_key_data = '''${PRIVATE_KEY}'''\n`;
    const environment = { TEMPORAL_CONFIG_FILE: await file('tls.toml', toml), TEMPORAL_PROFILE: 'cloud' };
    expect(problems(environment).problems).toEqual({ TEMPORAL_PROFILE: expect.stringMatching(/PEM/) as string });
  });

  test('may be among the authorities, if another one is valid', () => {
    expect(temporal({ [CA]: EXPIRED_CERTIFICATE + CERTIFICATE }).options.tls).toBeTruthy();
  });

  test('does not matter with TLS off', () => {
    expect(temporal({ ...pair, [CERT]: EXPIRED_CERTIFICATE, TEMPORAL_TLS: 'off' }).options.tls).toBe(false);
  });

  test('is named if it is given twice', async () => {
    const TEMPORAL_TLS_CLIENT_CERT_PATH = await file('twice.pem', CERTIFICATE);
    expect(problems({ ...pair, TEMPORAL_TLS_CLIENT_CERT_PATH }).problems).toEqual({
      [CERT]: 'must not be set together with TEMPORAL_TLS_CLIENT_CERT_PATH',
    });
  });
});

describe('an API key', () => {
  test.each([' marked-key', 'marked-key\n', 'marked-key\r\n'])(
    'loses white space around it: %j',
    async (TEMPORAL_API_KEY) => {
      expect(temporal({ TEMPORAL_API_KEY }).options.apiKey).toBe('marked-key');
      const toml = `[profile.default]\napi_key = ${JSON.stringify(TEMPORAL_API_KEY)}\n`;
      expect(temporal({ TEMPORAL_CONFIG_FILE: await file('key.toml', toml) }).options.apiKey).toBe('marked-key');
    },
  );

  test.each(['marked\nkey', 'marked-kéy', 'marked\u0000'])('that no header can hold is refused by name: %j', (key) => {
    for (const name of ['TEMPORAL_API_KEY', 'TEMPORAL_GRPC_META_X_KEY']) {
      const { problems: found, message } = problems({ [name]: key });
      expect(found).toEqual({ [name]: expect.stringMatching(/^must be .*ASCII on one line/) as string });
      expect(message).not.toContain('marked');
    }
  });
});
