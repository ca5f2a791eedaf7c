import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { readCodecServerConfig } from '../../src/config/codec-server-config.js';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { readWorkerConfig, workerVariables } from '../../src/config/worker-config.js';
import { readProxies } from '../../src/http/proxies.js';
import { keyText } from '../encryption/test-keys.js';

/** What a person means is taken, where nothing else can be meant. */

const token = { RBM_WEBHOOK_CLIENT_TOKEN: 'token' };
const codecServer = { PAYLOAD_ENCRYPTION_KEYS: keyText('current'), CODEC_SERVER_HOST: '127.0.0.1' };

describe('letter case does not matter in', () => {
  test.each(['Europe', 'EUROPE', ' europe\n'])('RBM_REGION=%j', (RBM_REGION) => {
    expect(readWorkerConfig({ RBM_REGION }).rbm).toEqual({ region: 'europe' });
  });

  test.each(['true', 'TRUE', 'True', '1', 'yes', 'YES', 'on', 'On'])('a switch that is on: %s', (on) => {
    const open = readCodecServerConfig({ ...codecServer, CODEC_SERVER_ALLOW_ANONYMOUS: on });
    expect(open).not.toHaveProperty('callers');
    expect(readClientConfig({ TEMPORAL_TLS: on }).temporal.options.tls).toBeTruthy();
  });

  test.each(['false', 'FALSE', '0', 'no', 'No', 'off', 'OFF'])('a switch that is off: %s', (off) => {
    const closed = { ...codecServer, CODEC_SERVER_ALLOW_ANONYMOUS: off, CODEC_SERVER_TOKENS: 'a-token-for-tests-1' };
    expect(readCodecServerConfig(closed)).toHaveProperty('callers');
    expect(readClientConfig({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: off }).temporal.options.tls).toBe(false);
  });

  test('a comma too many, and white space between origins', () => {
    const origins = 'https://a.example.com, https://b.example.com/ \n https://c.example.com,';
    const codec = { ...codecServer, CODEC_SERVER_ALLOW_ANONYMOUS: 'true', CODEC_SERVER_UI_ORIGIN: origins };
    expect(readCodecServerConfig(codec).uiOrigins).toEqual(
      ['a', 'b', 'c'].map((name) => `https://${name}.example.com`),
    );
    expect(readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN: 'one,two,' }).rbmClientTokens).toEqual(['one', 'two']);
    expect(readWorkerConfig({ RBM_AGENTS: 'acme,, other,' }).agents).toEqual([
      { agentId: 'acme' },
      { agentId: 'other' },
    ]);
    const production = { NODE_ENV: 'production', ALLOW_CLEARTEXT_HOSTS: ',simulator,, temporal,' };
    expect(readWorkerConfig(production).cleartextHosts).toEqual(['simulator', 'temporal']);
    const sms = { SMS_PROVIDER: ' HTTP , ', SMS_HTTP_URL: 'http://127.0.0.1', SMS_HTTP_TOKEN: 'token' };
    expect(readWorkerConfig(sms).sms.map(({ provider }) => provider)).toEqual(['http']);
  });

  test('an origin and a duration', () => {
    const notify = { NOTIFY_SECRET: 'whsec_AAAA', NOTIFY_ALLOWED_HOSTS: 'HTTP://Hooks.Internal:8080' };
    expect(readWorkerConfig(notify).notify?.secrets).toEqual({ 'http://hooks.internal:8080': ['whsec_AAAA'] });
    expect(readWebhookConfig({ ...token, WEBHOOK_KEEP_ALIVE: '75S' }).keepAliveMs).toBe(75_000);
  });

  test('lists of words', () => {
    const sms = { SMS_PROVIDER: 'HTTP', SMS_HTTP_URL: 'http://127.0.0.1:1', SMS_HTTP_TOKEN: 'token' };
    const config = readWorkerConfig({
      ...sms,
      WORKER_QUEUES: 'RBM, Notify',
      RBM_AGENTS: 'acme TYPE=promotion Region=ASIA',
    });
    expect(config.sms).toMatchObject([{ provider: 'http' }]);
    expect(config.settings.queues).toEqual(readWorkerConfig({ WORKER_QUEUES: 'rbm,notify' }).settings.queues);
    expect(config.agents).toEqual([{ agentId: 'acme', messageTrafficType: 'PROMOTION', region: 'asia' }]);
  });
});

describe('LOG_LEVEL', () => {
  test.each([
    ['INFO', 'info'],
    ['Warn', 'warn'],
    ['WARNING', 'warn'],
    ['fatal', 'error'],
    ['CRITICAL', 'error'],
    ['Verbose', 'debug'],
    ['notice', 'info'],
    ['silly', 'trace'],
    ['all', 'trace'],
    ['silent', 'error'],
    ['off', 'error'],
    ['None', 'error'],
    [' debug\n', 'debug'],
  ])('%j is %s', (given, level) => {
    const { logLevel, warnings } = readWorkerConfig({ LOG_LEVEL: given });
    expect(logLevel).toBe(level);
    expect(warnings.join()).not.toContain('LOG_LEVEL');
  });

  test.each(['loud', '30', 'constructor', '__proto__'])(
    '%s is info, with a warning that does not repeat it',
    (given) => {
      for (const { logLevel, warnings } of [
        readWorkerConfig({ LOG_LEVEL: given }),
        readWebhookConfig({ ...token, LOG_LEVEL: given }),
      ]) {
        expect(logLevel).toBe('info');
        expect(warnings.filter((text) => text.includes('LOG_LEVEL'))).toEqual([
          'LOG_LEVEL must be one of trace, debug, info, warn, error; info is used',
        ]);
      }
    },
  );
});

test('spaces and line breaks around any value do not count', () => {
  const plain = {
    ...{ RBM_ENDPOINT: 'http://127.0.0.1:1', GOOGLE_APPLICATION_CREDENTIALS: import.meta.filename },
    ...{ SMS_PROVIDER: 'http,twilio', SMS_HTTP_URL: 'http://127.0.0.1:1/sms', SMS_HTTP_TOKEN: 'token' },
    ...{ TWILIO_ACCOUNT_SID: 'AC0', TWILIO_AUTH_TOKEN: 'one,two', METRICS_PORT: '9464', HEALTH_PORT: '8081' },
    ...{ LOG_LEVEL: 'debug', TASK_QUEUE: 'mine', PAYLOAD_ENCRYPTION_KEYS: `${keyText('a')},${keyText('b')}` },
    ...{ RECIPIENT_HASH_KEY: 'one, two', WORKER_STICKY_TIMEOUT: '3s', NOTIFY_ALLOWED_HOSTS: 'hooks.example.com' },
    ...{
      NOTIFY_SECRET: 'whsec_AAAA',
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_API_KEY: 'key',
      TEMPORAL_TLS: 'true',
    },
  };
  const spaces = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
  fc.assert(
    fc.property(spaces, spaces, (before, after) => {
      const padded = Object.entries(plain).map(([name, value]) => [name, `${before}${value}${after}`] as const);
      expect(readWorkerConfig(Object.fromEntries(padded))).toEqual(readWorkerConfig(plain));
    }),
    { numRuns: 30 },
  );
});

describe.each(['"', "'"])('quotes around a value do not count: %s', (quote) => {
  const quoted = (set: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(set).map(([name, value]) => [name, ` ${quote}${value} ${quote}\n`]));

  test('for each role', () => {
    const worker = {
      ...{ RBM_ENDPOINT: 'https://127.0.0.1', TASK_QUEUE: 'mine', TEMPORAL_NAMESPACE: 'messages', HEALTH_PORT: '1' },
      ...{ TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_API_KEY: 'key', TEMPORAL_GRPC_META_X_KEY: 'a b' },
      ...{ RECIPIENT_HASH_KEY: 'one\ntwo', PAYLOAD_ENCRYPTION_KEYS: `${keyText('a')},${keyText('b')}` },
      ...{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SERVICE_NAME: 'mine', METRICS_PORT: 'tcp://10.0.0.1:1' },
    };
    expect(JSON.stringify(readWorkerConfig(quoted(worker)))).toBe(JSON.stringify(readWorkerConfig(worker)));
    expect(readWebhookConfig(quoted(token))).toEqual(readWebhookConfig(token));
    expect(readClientConfig(quoted({ TASK_QUEUE: 'mine' })).taskQueue).toBe('mine');
  });

  test('production is production', () => {
    expect(() => readWebhookConfig({ ...token, NODE_ENV: `${quote}production${quote}` })).toThrow(
      'NODE_ENV=production',
    );
  });

  test('proxies, and the exceptions', () => {
    const set = { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.example', GCE_METADATA_HOST: 'metadata.example:80' };
    const { proxies } = readWorkerConfig(quoted(set));
    const read = readProxies({ ...proxies, HTTP_PROXY: 'http://p:1' });
    expect(read.toUrl('https://b.example')).toMatchObject({ kind: 'proxy', host: 'p', port: 1 });
    expect(read.toUrl('https://a.example')).toEqual({ kind: 'direct' });
    expect(read.toUrl('http://metadata.example/x')).toEqual({ kind: 'direct' });
  });

  test('nothing in them counts as unset', () => {
    expect(readWebhookConfig({ ...token, ...quoted({ WEBHOOK_PORT: '', NODE_ENV: '' }) }).port).toBe(8080);
  });

  test('but only one pair is removed, around the whole', () => {
    const read = (TEMPORAL_NAMESPACE: string) => readClientConfig({ TEMPORAL_NAMESPACE }).temporal.namespace;
    for (const value of [`${quote}a${quote},${quote}b${quote}`, `${quote}a`, quote]) expect(read(value)).toBe(value);
  });
});

describe('a port that Kubernetes sets for a Service', () => {
  test.each(['tcp://10.96.14.3:8080', 'TCP://10.96.14.3:8080', 'udp://[fd00::1]:53', ' tcp://10.0.0.1:1\n'])(
    'counts as unset, with one warning: %j',
    (given) => {
      const ports = Object.fromEntries(
        ['WEBHOOK_PORT', 'WEBHOOK_ADMIN_PORT', 'HEALTH_PORT', 'METRICS_PORT', 'CODEC_SERVER_PORT'].map((name) => [
          name,
          given,
        ]),
      );
      const aboutPorts = ({ warnings }: { readonly warnings: readonly string[] }) =>
        warnings.filter((text) => text.includes('_PORT'));
      const webhook = readWebhookConfig({ ...token, ...ports });
      expect(webhook.port).toBe(8080);
      expect(webhook).not.toHaveProperty('adminPort');
      expect(aboutPorts(webhook)).toHaveLength(2);
      expect(aboutPorts(webhook)[0]).toMatch(/^WEBHOOK_PORT was set by Kubernetes.*enableServiceLinks: false/);
      const worker = readWorkerConfig(ports);
      expect(worker).not.toHaveProperty('metrics');
      expect(aboutPorts(worker).map((text) => text.split(' ')[0])).toEqual(['METRICS_PORT', 'HEALTH_PORT']);
      expect(readCodecServerConfig({ ...codecServer, ...ports, CODEC_SERVER_TOKENS: 'a-token-for-tests-1' }).port).toBe(
        8088,
      );
    },
  );

  test('is not mentioned where a port is set, or unset', () => {
    expect(readWebhookConfig({ ...token, WEBHOOK_PORT: '80' }).warnings.join()).not.toContain('Kubernetes');
    expect(readWebhookConfig(token).warnings.join()).not.toContain('Kubernetes');
  });
});

describe('the address of a listener', () => {
  const hosts = (given: string) => {
    const worker = readWorkerConfig({ METRICS_PORT: '1', METRICS_HOST: given, HEALTH_PORT: '2', HEALTH_HOST: given });
    const webhook = readWebhookConfig({ ...token, WEBHOOK_HOST: given, WEBHOOK_ADMIN_HOST: given });
    const codec = readCodecServerConfig({
      ...codecServer,
      CODEC_SERVER_TOKENS: 'a-token-for-tests-1',
      CODEC_SERVER_HOST: given,
    });
    return [worker.metrics?.host, worker.health?.host, webhook.host, webhook.adminHost, codec.host];
  };

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['::', '::'],
    ['[fd00::1]', 'fd00::1'],
    [' 0.0.0.0\n', '0.0.0.0'],
    ['localhost', 'localhost'],
    ['pod-1.internal', 'pod-1.internal'],
  ])('may be %j', (given, host) => {
    expect(hosts(given)).toEqual(Array.from({ length: 5 }, () => host));
  });

  test.each(['http://0.0.0.0', '0.0.0.0:8080', '[::1]:8080', 'a b', '*'])('may not be %j', (given) => {
    expect(() => hosts(given)).toThrow(/METRICS_HOST must be an address.*HEALTH_HOST must be/s);
  });
});

test('no variable of a worker makes a warning when it is empty', () => {
  const empty = Object.fromEntries(Object.keys(workerVariables.shape).map((name) => [name, ' ']));
  expect(readWorkerConfig(empty).warnings).toEqual(readWorkerConfig({}).warnings);
});
