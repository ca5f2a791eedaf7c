import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readWorkerConfig, workerVariables } from '../../src/config/worker-config.js';
import { keyText } from '../encryption/test-keys.js';
import { problemsOf } from './problems.js';

const someFile = fileURLToPath(import.meta.url);
const http = { SMS_PROVIDER: 'http', SMS_HTTP_URL: 'http://127.0.0.1:1/sms/', SMS_HTTP_TOKEN: 'token' };
const twilio = { SMS_PROVIDER: 'twilio', TWILIO_ACCOUNT_SID: 'AC0', TWILIO_AUTH_TOKEN: 'auth' };

describe('the configuration of a worker', () => {
  test('has a default for everything', () => {
    expect(readWorkerConfig({})).toEqual({
      temporal: { address: 'localhost:7233', namespace: 'default', options: { address: 'localhost:7233' } },
      encryptionRequired: false,
      taskQueue: 'message-delivery',
      settings: {},
      agents: [],
      rbm: { region: 'us' },
      sms: [],
      logLevel: 'info',
      warnings: [expect.stringMatching(/^PAYLOAD_ENCRYPTION_KEYS is not set/)],
    });
  });

  test('reads every variable', () => {
    const config = readWorkerConfig({
      ...http,
      RBM_ENDPOINT: 'http://127.0.0.1:1/rbm',
      GOOGLE_APPLICATION_CREDENTIALS: someFile,
      METRICS_PORT: '9464',
      HEALTH_PORT: '8081',
      LOG_LEVEL: 'debug',
      TASK_QUEUE: 'mine',
    });
    expect(config).toMatchObject({
      taskQueue: 'mine',
      rbm: { endpoint: 'http://127.0.0.1:1/rbm', credentialsFile: someFile },
      // The gateway's path is kept as it is.
      sms: [{ provider: 'http', url: 'http://127.0.0.1:1/sms/', token: 'token' }],
      metrics: { host: '::', port: 9464 },
      health: { host: '::', port: 8081 },
      logLevel: 'debug',
    });
    expect(config.rbm).not.toHaveProperty('region');
    expect(readWorkerConfig({ RBM_REGION: 'europe' }).rbm).toEqual({ region: 'europe' });
  });

  test('reads every variable of Twilio, and the first of several auth tokens', () => {
    const all = {
      TWILIO_MESSAGING_SERVICE_SID: 'MG0',
      TWILIO_MESSAGING_SERVICES: ' ACME & Co = MG1 , +15550109999=MG2,constructor=MG3',
      TWILIO_API_URL: 'http://127.0.0.1:2',
      WEBHOOK_PUBLIC_URL: 'https://hooks.example.com',
    };
    expect(readWorkerConfig({ ...twilio, ...all, TWILIO_AUTH_TOKEN: 'current, former' }).sms).toEqual([
      {
        provider: 'twilio',
        accountSid: 'AC0',
        authToken: 'current',
        messagingServiceSid: 'MG0',
        messagingServices: { 'ACME & Co': 'MG1', '+15550109999': 'MG2', constructor: 'MG3' },
        apiUrl: 'http://127.0.0.1:2',
        publicUrl: 'https://hooks.example.com',
      },
    ]);
    expect(readWorkerConfig(twilio).sms).toEqual([{ provider: 'twilio', accountSid: 'AC0', authToken: 'auth' }]);
  });

  test('sends with the API key, whether or not there is an auth token', () => {
    const apiKey = { TWILIO_API_KEY_SID: 'SK0', TWILIO_API_KEY_SECRET: 'secret' };
    const expected = [{ provider: 'twilio', accountSid: 'AC0', apiKey: { sid: 'SK0', secret: 'secret' } }];
    expect(readWorkerConfig({ ...twilio, ...apiKey, TWILIO_AUTH_TOKEN: '' }).sms).toEqual(expected);
    expect(readWorkerConfig({ ...twilio, ...apiKey }).sms).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['twilio,http', ['twilio', 'http']],
    ['http,twilio', ['http', 'twilio']],
    [' HTTP , Twilio,http ', ['http', 'twilio']],
    ['Twilio', ['twilio']],
  ])('reads the providers in order of preference: %s', (SMS_PROVIDER, names) => {
    const { sms } = readWorkerConfig({ ...http, ...twilio, SMS_PROVIDER });
    expect(sms.map(({ provider }) => provider)).toEqual(names);
  });

  test('reads an empty variable as unset', () => {
    const empty = Object.fromEntries(Object.keys(workerVariables.shape).map((name) => [name, '']));
    expect(readWorkerConfig({ ...empty, TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: ' ' })).toEqual(readWorkerConfig({}));
  });

  test('names everything that is wrong at once, Temporal included, and repeats no value', () => {
    const wrong = {
      RBM_AGENTS: 'acme region=xx',
      RBM_REGION: 'xx-mars',
      RBM_ENDPOINT: 'xx-endpoint',
      GOOGLE_APPLICATION_CREDENTIALS: '/xx-no-such-file',
      SMS_PROVIDER: 'xx-pigeon',
      SMS_HTTP_URL: 'ftp://xx-gateway',
      TWILIO_ACCOUNT_SID: 'xx-sid',
      TWILIO_AUTH_TOKEN: 'xx token',
      TWILIO_API_KEY_SID: 'xx-key',
      TWILIO_API_KEY_SECRET: 'xx secret',
      TWILIO_MESSAGING_SERVICE_SID: 'xx-service',
      TWILIO_MESSAGING_SERVICES: 'xx-sender=xx-service',
      TWILIO_API_URL: 'https://xx-user:xx-password@example.com',
      WEBHOOK_PUBLIC_URL: 'https://example.com/?xx',
      METRICS_PORT: '70000',
      HEALTH_PORT: 'xx',
      TEMPORAL_ADDRESS: 'https://xx-temporal:7233',
    };
    const { problems, message } = problemsOf(() => readWorkerConfig(wrong));
    expect(Object.keys(problems).sort()).toEqual(Object.keys(wrong).sort());
    for (const [name, problem] of Object.entries(problems)) expect(message).toContain(`${name} ${problem}`);
    expect(message).toContain('RBM_REGION must be one of us, europe, asia');
    expect(message).not.toMatch(/xx|70000/);
  });

  test("refuses a directory for Google's credentials file", () => {
    const { problems } = problemsOf(() => readWorkerConfig({ GOOGLE_APPLICATION_CREDENTIALS: import.meta.dirname }));
    expect(problems).toEqual({ GOOGLE_APPLICATION_CREDENTIALS: 'must name a readable file' });
  });

  test('reports broken rules between variables together with single wrong ones', () => {
    const both = { RBM_REGION: 'us', RBM_ENDPOINT: 'http://127.0.0.1:1', SMS_PROVIDER: 'http' };
    const { problems } = problemsOf(() => readWorkerConfig({ ...both, METRICS_PORT: 'x', WORKER_QUEUES: 'x' }));
    expect(problems).toEqual({
      RBM_ENDPOINT: 'must not be set together with RBM_REGION',
      SMS_HTTP_URL: 'is missing: SMS_PROVIDER=http needs it',
      SMS_HTTP_TOKEN: 'is missing: SMS_PROVIDER=http needs it',
      METRICS_PORT: 'must be a port number',
      WORKER_QUEUES: expect.stringMatching(/^must be one or more of workflows/) as string,
    });
  });

  test('refuses an incomplete SMS provider', () => {
    const names = (environment: Record<string, string>) =>
      Object.keys(problemsOf(() => readWorkerConfig(environment)).problems);
    expect(names({ SMS_PROVIDER: 'twilio' })).toEqual(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']);
    for (const SMS_HTTP_TOKEN of ['', 'two\nlines', 'smile \u{1F642}'])
      expect(names({ ...http, SMS_HTTP_TOKEN })).toEqual(['SMS_HTTP_TOKEN']);
    expect(names({ ...http, SMS_PROVIDER: '' })).toEqual(['SMS_PROVIDER']);
    expect(names({ TWILIO_ACCOUNT_SID: 'AC0' })).toEqual(['SMS_PROVIDER']);
    expect(names({ TWILIO_API_KEY_SID: 'SK0' })).toEqual(['SMS_PROVIDER']);
    expect(names({ TWILIO_MESSAGING_SERVICES: 'ACME=MG0' })).toEqual(['SMS_PROVIDER']);
    const account = { SMS_PROVIDER: 'twilio', TWILIO_ACCOUNT_SID: 'AC0' };
    expect(names({ ...account, TWILIO_API_KEY_SID: 'SK0' })).toEqual(['TWILIO_API_KEY_SECRET']);
    expect(names({ ...account, TWILIO_API_KEY_SECRET: 'secret' })).toEqual(['TWILIO_API_KEY_SID']);
    expect(names({ ...twilio, TWILIO_API_KEY_SID: 'SK0' })).toEqual(['TWILIO_API_KEY_SECRET']);
    expect(names({ SMS_PROVIDER: 'twilio,http' }).sort()).toEqual([
      'SMS_HTTP_TOKEN',
      'SMS_HTTP_URL',
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
    ]);
    expect(names({ ...http, SMS_PROVIDER: 'http,owl' })).toEqual(['SMS_PROVIDER']);
    expect(names({ ...http, SMS_PROVIDER: ',' })).toEqual(['SMS_PROVIDER']);
    // The webhook server reads these two as well, so they don't mean that this worker sends SMS.
    expect(names({ TWILIO_AUTH_TOKEN: 'auth', WEBHOOK_PUBLIC_URL: 'https://hooks.example.com' })).toEqual([]);
  });

  test.each(['ACME', 'ACME=', '=MG1', 'ACME=SM1', 'ACME=MG1,acme=MG2', 'ACME=MG1,', 'ACME/Co=MG1', 'ACME=MG1=MG2'])(
    'refuses the messaging services %s',
    (TWILIO_MESSAGING_SERVICES) => {
      const { problems, message } = problemsOf(() => readWorkerConfig({ ...twilio, TWILIO_MESSAGING_SERVICES }));
      expect(Object.keys(problems)).toEqual(['TWILIO_MESSAGING_SERVICES']);
      expect(message).not.toContain('ACME=MG1');
    },
  );

  test('can require encryption, and then needs keys', () => {
    const PAYLOAD_ENCRYPTION_KEYS = keyText('current');
    for (const PAYLOAD_ENCRYPTION_REQUIRED of ['true', 'TRUE', ' yes ', '1', 'On']) {
      const required = { PAYLOAD_ENCRYPTION_REQUIRED };
      expect(readWorkerConfig({ ...required, PAYLOAD_ENCRYPTION_KEYS }).encryptionRequired).toBe(true);
      expect(problemsOf(() => readWorkerConfig(required)).problems).toEqual({
        PAYLOAD_ENCRYPTION_KEYS: 'is missing: PAYLOAD_ENCRYPTION_REQUIRED=true needs it',
      });
    }
    for (const PAYLOAD_ENCRYPTION_REQUIRED of ['false', 'No', '0', 'OFF', '']) {
      expect(readWorkerConfig({ PAYLOAD_ENCRYPTION_REQUIRED }).encryptionRequired).toBe(false);
    }
    const { problems } = problemsOf(() => readWorkerConfig({ PAYLOAD_ENCRYPTION_REQUIRED: 'perhaps' }));
    expect(problems).toEqual({ PAYLOAD_ENCRYPTION_REQUIRED: 'must be true or false' });
  });

  test.each(['0', '65535'])('accepts port %s', (port) => {
    expect(readWorkerConfig({ METRICS_PORT: port }).metrics).toEqual({ host: '::', port: Number(port) });
  });
  test.each(['-1', '65536', '0x50', '1e3', '80.0', '8080 8081'])('refuses port %s', (port) => {
    expect(problemsOf(() => readWorkerConfig({ METRICS_PORT: port })).problems).toHaveProperty('METRICS_PORT');
  });
});
