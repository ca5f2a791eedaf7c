import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { clientVariables, readClientConfig, readStarterConfig } from '../../src/config/client-config.js';
import { codecServerVariables, readCodecServerConfig } from '../../src/config/codec-server-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { textOf } from '../../src/config/variable.js';
import { readWebhookConfig, webhookVariables } from '../../src/config/webhook-config.js';
import { readWorkerConfig, workerVariables } from '../../src/config/worker-config.js';
import { problemsOf } from './problems.js';

const random = (bytes = 32) => randomBytes(bytes).toString('base64');
const hex = (bytes = 32) => randomBytes(bytes).toString('hex');
const whsec = (bytes = 32) => `whsec_${random(bytes)}`;
const production = { NODE_ENV: 'production' };

/** A role with everything that it can guard, all of it strong. */
const ROLES = {
  worker: {
    read: readWorkerConfig,
    strong: {
      ...production,
      ...{ SMS_PROVIDER: 'http,twilio', SMS_HTTP_URL: 'https://sms.example.com', SMS_HTTP_TOKEN: hex(12) },
      ...{ TWILIO_ACCOUNT_SID: 'AC0', TWILIO_AUTH_TOKEN: hex(16) },
      ...{ TWILIO_API_KEY_SID: 'SK0', TWILIO_API_KEY_SECRET: hex(16) },
      ...{ NOTIFY_ALLOWED_HOSTS: 'hooks.example.com', NOTIFY_SECRET: whsec() },
      ...{ PAYLOAD_ENCRYPTION_KEYS: `a:${random()}`, RECIPIENT_HASH_KEY: random(), TEMPORAL_API_KEY: hex() },
      ...{ RBM_ENDPOINT: 'https://rbm.example.com', WEBHOOK_PUBLIC_URL: 'https://hooks.example.com' },
    },
  },
  webhook: {
    read: readWebhookConfig,
    strong: {
      ...production,
      ...{ RBM_WEBHOOK_CLIENT_TOKEN: random(), SMS_WEBHOOK_SECRET: whsec(24), RBM_FORWARD_URL: 'https://example.com' },
      ...{ TWILIO_AUTH_TOKEN: hex(16), WEBHOOK_PUBLIC_URL: 'https://hooks.example.com' },
      ...{ PAYLOAD_ENCRYPTION_KEYS: `a:${random()}`, RECIPIENT_HASH_KEY: random() },
    },
  },
  'codec-server': {
    read: readCodecServerConfig,
    strong: { ...production, PAYLOAD_ENCRYPTION_KEYS: `a:${random()}`, CODEC_SERVER_TOKENS: hex() },
  },
  send: {
    read: readStarterConfig,
    strong: { ...production, PAYLOAD_ENCRYPTION_KEYS: `a:${random()}`, RECIPIENT_HASH_KEY: random() },
  },
} as const;
type RoleName = keyof typeof ROLES;
const roles = Object.keys(ROLES) as RoleName[];

const read = (role: RoleName, changed: Readonly<Record<string, string>> = {}): unknown =>
  ROLES[role].read({ ...ROLES[role].strong, ...changed });
const refused = (role: RoleName, changed: Readonly<Record<string, string>>) => problemsOf(() => read(role, changed));

/** Every weak secret for every variable that holds one. */
const SHORT = { hash: random(31), webhook: whsec(23), token: hex(11) };
const WEAK: readonly (readonly [RoleName, string, string])[] = [
  ...(['worker', 'webhook', 'codec-server', 'send'] as const).map(
    (role) => [role, 'PAYLOAD_ENCRYPTION_KEYS', `a:${Buffer.alloc(32).toString('base64')}`] as const,
  ),
  ...(['worker', 'webhook', 'send'] as const).flatMap((role) => [
    [role, 'RECIPIENT_HASH_KEY', SHORT.hash] as const,
    [role, 'RECIPIENT_HASH_KEY', `${random()},${'ab'.repeat(32)}`] as const,
    [role, 'RECIPIENT_HASH_KEY', 'c2ltdWxhdGVkLXJlY2lwaWVudC1oYXNoLWtleS0wMTIz'] as const,
  ]),
  ['webhook', 'RBM_WEBHOOK_CLIENT_TOKEN', 'simulated-client-token'],
  ['webhook', 'RBM_WEBHOOK_CLIENT_TOKEN', `${random()}, simulated-client-token`],
  ['webhook', 'RBM_WEBHOOK_CLIENT_TOKEN', 'x'.repeat(40)],
  ['webhook', 'RBM_WEBHOOK_CLIENT_TOKEN', 'changeme'],
  ['webhook', 'SMS_WEBHOOK_SECRET', SHORT.webhook],
  ['webhook', 'SMS_WEBHOOK_SECRET', `whsec_${Buffer.alloc(32, 7).toString('base64')}`],
  ['webhook', 'SMS_WEBHOOK_SECRET', 'whsec_c2ltdWxhdGVkLXNtcy13ZWJob29rLXNlY3JldA=='],
  ['webhook', 'TWILIO_AUTH_TOKEN', 'simulated-auth-token'],
  ['worker', 'NOTIFY_SECRET', `${whsec()},${SHORT.webhook}`],
  ['worker', 'SMS_HTTP_TOKEN', 'simulated-sms-token'],
  ['worker', 'SMS_HTTP_TOKEN', 'Bearer simulated-sms-token'],
  ['worker', 'SMS_HTTP_TOKEN', 'secret'],
  ['worker', 'TWILIO_AUTH_TOKEN', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
  ['worker', 'TWILIO_API_KEY_SECRET', 'your-api-key-secret'],
  ['worker', 'TEMPORAL_API_KEY', 'your-api-key'],
  ['codec-server', 'CODEC_SERVER_TOKENS', `${hex()},${SHORT.token}`],
  ['codec-server', 'CODEC_SERVER_TOKENS', 'x'.repeat(32)],
];

describe('in production', () => {
  test.each(roles)('the %s starts with strong secrets and https', (role) => {
    expect(read(role)).toBeDefined();
  });

  test.each(WEAK)('the %s refuses a weak %s, and says what to do: %#', (role, name, value) => {
    const { problems, message } = refused(role, { [name]: value });
    expect(Object.keys(problems)).toEqual([name]);
    expect(problems[name]).toMatch(/openssl rand|console|your own account/);
    for (const secret of value.split(',')) expect(message).not.toContain(secret.trim().slice(-12));
    expect(read(role, { [name]: value, NODE_ENV: 'development' })).toBeDefined();
  });

  test.each(['test_8Fk2pQ0z', 'secret_aB3dE5gH7jK9', 'token-9f8e7d6c5b4a', '482-913-065-771'])(
    'a token that another company gave may look like %s',
    (SMS_HTTP_TOKEN) => {
      expect(read('worker', { SMS_HTTP_TOKEN })).toBeDefined();
    },
  );

  test('everything weak is reported at once, one problem each', () => {
    const weak = { SMS_HTTP_TOKEN: 'secret', NOTIFY_SECRET: SHORT.webhook, RBM_ENDPOINT: 'http://rbm.example.com' };
    expect(Object.keys(refused('worker', { ...weak, METRICS_PORT: 'x' }).problems).sort()).toEqual(
      [...Object.keys(weak), 'METRICS_PORT'].sort(),
    );
  });

  test.each(['production', 'Production', ' PRODUCTION\n', 'prod'])('NODE_ENV=%j means it', (NODE_ENV) => {
    expect(refused('webhook', { NODE_ENV, RBM_WEBHOOK_CLIENT_TOKEN: 'xxxx' }).problems).not.toEqual({});
  });

  test('a command that starts nothing works all the same', () => {
    expect(readClientConfig({ ...production, RECIPIENT_HASH_KEY: 'short', TEMPORAL_API_KEY: 'key' })).toBeDefined();
  });
});

/** Variables that name where something is sent, and a value for each that sends it in cleartext. */
const CLEARTEXT: readonly (readonly [RoleName, string, string])[] = [
  ['worker', 'RBM_ENDPOINT', 'http://gateway.internal:8090'],
  ['worker', 'SMS_HTTP_URL', 'http://gateway.internal/sms'],
  ['worker', 'TWILIO_API_URL', 'HTTP://gateway.internal'],
  ['worker', 'NOTIFY_ALLOWED_HOSTS', 'http://gateway.internal:9000'],
  ['worker', 'WEBHOOK_PUBLIC_URL', 'http://gateway.internal'],
  ['webhook', 'WEBHOOK_PUBLIC_URL', 'http://Gateway.Internal/'],
  ['webhook', 'RBM_FORWARD_URL', 'http://gateway.internal/?a=1,2'],
];

describe('http to another machine', () => {
  test.each(CLEARTEXT)('is refused by the %s for %s, unless its host is named', (role, name, value) => {
    const { problems, message } = refused(role, { [name]: value });
    expect(problems).toEqual({ [name]: expect.stringMatching(/^must be https .*ALLOW_CLEARTEXT_HOSTS/) as string });
    expect(message).not.toMatch(/gateway/i);
    for (const ALLOW_CLEARTEXT_HOSTS of ['gateway.internal', 'other, GATEWAY.internal:8090'])
      expect(read(role, { [name]: value, ALLOW_CLEARTEXT_HOSTS })).toBeDefined();
    expect(refused(role, { [name]: value, ALLOW_CLEARTEXT_HOSTS: 'internal' }).problems).toHaveProperty(name);
    expect(read(role, { [name]: value, NODE_ENV: '' })).toBeDefined();
  });

  test.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('is allowed for %s', (host) => {
    const url = `http://${host}:8080`;
    expect(read('worker', { RBM_ENDPOINT: url, SMS_HTTP_URL: url, NOTIFY_ALLOWED_HOSTS: url })).toBeDefined();
  });

  test.each(['fd00::8', '[fd00::8]', '[FD00:0::8]:8090'])(
    'is allowed for an address of IPv6, written as %s',
    (hosts) => {
      const url = 'http://[fd00::8]:8090';
      expect(refused('worker', { RBM_ENDPOINT: url }).problems).toHaveProperty('RBM_ENDPOINT');
      expect(read('worker', { RBM_ENDPOINT: url, ALLOW_CLEARTEXT_HOSTS: hosts })).toBeDefined();
    },
  );

  test.each(['http://a', 'a b', '*', ',', 'a/b'])('can’t be allowed for %j, which is no host', (hosts) => {
    const { problems } = refused('worker', { ALLOW_CLEARTEXT_HOSTS: hosts });
    expect(problems).toEqual({ ALLOW_CLEARTEXT_HOSTS: expect.stringMatching(/^must be one or more host/) as string });
  });

  test.each([
    ['an API key', { TEMPORAL_API_KEY: hex() }],
    ['a header with a credential', { TEMPORAL_GRPC_META_AUTHORIZATION: `Bearer ${hex()}` }],
    ['a header of any other name', { TEMPORAL_GRPC_META_X_GATEWAY_KEY: hex() }],
  ])('to Temporal with %s is refused by every role that uses it', (_what, credential) => {
    const open = { ...credential, TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS: 'false' };
    for (const role of ['worker', 'webhook', 'send'] as const) {
      expect(refused(role, open).problems).toEqual({
        TEMPORAL_TLS: expect.stringContaining('ALLOW_CLEARTEXT_HOSTS') as string,
      });
      expect(read(role, { ...open, ALLOW_CLEARTEXT_HOSTS: 'temporal' })).toBeDefined();
      expect(read(role, { ...open, TEMPORAL_ADDRESS: '127.0.0.1:7233' })).toBeDefined();
      expect(read(role, { ...open, TEMPORAL_TLS: 'true' })).toBeDefined();
    }
    // A command runs all the same, and says so.
    const warningsWith = (more: object = {}) => readClientConfig({ ...production, ...open, ...more }).warnings;
    const text = expect.stringMatching(/^TEMPORAL_TLS is not true: .* temporal:7233 in cleartext$/) as string;
    expect(warningsWith()).toEqual([text]);
    for (const safe of [{ TEMPORAL_TLS: 'true' }, { NODE_ENV: '' }, { ALLOW_CLEARTEXT_HOSTS: 'temporal' }])
      expect(warningsWith(safe)).toEqual([]);
  });
});

describe('each start warns', () => {
  const about = (environment: Readonly<Record<string, string>>) => ({
    worker: readWorkerConfig(environment).warnings,
    webhook: readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN: random(), ...environment }).warnings,
  });

  test('of payloads that are not encrypted', () => {
    const { worker, webhook } = about({});
    expect(worker).toEqual([expect.stringMatching(/^PAYLOAD_ENCRYPTION_KEYS is not set: .*texts unencrypted/)]);
    // It writes no text of a message.
    expect(webhook).toEqual([expect.stringMatching(/^PAYLOAD_ENCRYPTION_KEYS is not set: .*signals(?!.*texts)/)]);
    expect(about({ PAYLOAD_ENCRYPTION_KEYS: `a:${random()}` })).toEqual({ worker: [], webhook: [] });
  });

  test('of a connection to Temporal without TLS, but on this machine', () => {
    const PAYLOAD_ENCRYPTION_KEYS = `a:${random()}`;
    const text = expect.stringMatching(/^TEMPORAL_TLS is not set: .*temporal:7233/) as string;
    const there = { PAYLOAD_ENCRYPTION_KEYS, TEMPORAL_ADDRESS: 'temporal:7233' };
    expect(about(there)).toEqual({ worker: [text], webhook: [text] });
    expect(about({ ...there, TEMPORAL_TLS: 'true' })).toEqual({ worker: [], webhook: [] });
    expect(about({ ...there, TEMPORAL_ADDRESS: '[::1]:7233' })).toEqual({ worker: [], webhook: [] });
  });

  test.each([8, 15, 23])('of a client token of %i characters, which Google may have given', (length) => {
    const RBM_WEBHOOK_CLIENT_TOKEN = `${random()},${'q7Zk2XwP'.repeat(3).slice(0, length)}`;
    const { warnings, rbmClientTokens } = readWebhookConfig({ ...ROLES.webhook.strong, RBM_WEBHOOK_CLIENT_TOKEN });
    expect(rbmClientTokens).toHaveLength(2);
    expect(warnings.filter((text) => text.includes('CLIENT_TOKEN'))).toEqual([
      expect.stringMatching(/^RBM_WEBHOOK_CLIENT_TOKEN holds a token of fewer than 24 characters/) as string,
    ]);
    expect(warnings.join()).not.toContain(RBM_WEBHOOK_CLIENT_TOKEN.slice(-7));
  });

  test('of a short token of an SMS gateway', () => {
    const about = (SMS_HTTP_TOKEN: string) =>
      readWorkerConfig({ ...ROLES.worker.strong, SMS_HTTP_TOKEN }).warnings.filter((text) => text.includes('TOKEN'));
    const short = 'q7Zk2XwP'.repeat(3).slice(0, 23);
    expect(about(short)).toEqual([
      expect.stringMatching(/^SMS_HTTP_TOKEN holds a token of fewer than 24 characters.*send SMS/) as string,
    ]);
    expect(about(short).join()).not.toContain(short);
    expect(about(hex(12))).toEqual([]);
  });
});

test('every variable that is named like a secret or an address is marked as one', () => {
  const schemas = [workerVariables, webhookVariables, clientVariables, codecServerVariables, temporalVariables];
  const unmarked = schemas.flatMap((schema: z.ZodObject) =>
    Object.keys(schema.shape).filter((name) => {
      const { secret, isUrl } = textOf(schema, name) ?? {};
      const isSecret = /(?:TOKEN|SECRET|KEY)S?$/.test(name);
      const isAddress = /_URL$|^RBM_ENDPOINT$/.test(name);
      return (isSecret && secret === undefined) || (isAddress && isUrl !== true);
    }),
  );
  expect(unmarked).toEqual([]);
});
