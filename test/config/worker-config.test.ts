import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readWorkerConfig, workerVariables } from '../../src/config/worker-config.js';
import { problemsOf } from './problems.js';

const someFile = fileURLToPath(import.meta.url);
const http = { SMS_PROVIDER: 'http', SMS_HTTP_URL: 'http://127.0.0.1:1/sms/', SMS_HTTP_TOKEN: 'token' };
const twilio = { SMS_PROVIDER: 'twilio', TWILIO_ACCOUNT_SID: 'AC0', TWILIO_AUTH_TOKEN: 'auth' };

describe('the configuration of a worker', () => {
  test('has a default for everything', () => {
    expect(readWorkerConfig({})).toEqual({
      temporal: { address: 'localhost:7233', namespace: 'default', options: { address: 'localhost:7233' } },
      taskQueue: 'message-delivery',
      agents: [],
      rbm: { region: 'us' },
      logLevel: 'info',
    });
  });

  test('reads every variable', () => {
    const config = readWorkerConfig({
      ...http,
      RBM_ENDPOINT: 'http://127.0.0.1:1/rbm',
      GOOGLE_APPLICATION_CREDENTIALS: someFile,
      METRICS_PORT: '9464',
      LOG_LEVEL: 'debug',
      TASK_QUEUE: 'mine',
    });
    expect(config).toMatchObject({
      taskQueue: 'mine',
      rbm: { endpoint: 'http://127.0.0.1:1/rbm', credentialsFile: someFile },
      // The gateway's path is kept as it is.
      sms: { provider: 'http', url: 'http://127.0.0.1:1/sms/', token: 'token' },
      metricsPort: 9464,
      logLevel: 'debug',
    });
    expect(config.rbm).not.toHaveProperty('region');
    expect(readWorkerConfig({ RBM_REGION: 'europe' }).rbm).toEqual({ region: 'europe' });
  });

  test('reads every variable of Twilio, and the first of several auth tokens', () => {
    const all = {
      TWILIO_MESSAGING_SERVICE_SID: 'MG0',
      TWILIO_API_URL: 'http://127.0.0.1:2',
      WEBHOOK_PUBLIC_URL: 'https://hooks.example.com',
    };
    expect(readWorkerConfig({ ...twilio, ...all, TWILIO_AUTH_TOKEN: 'current, former' }).sms).toEqual({
      provider: 'twilio',
      accountSid: 'AC0',
      authToken: 'current',
      messagingServiceSid: 'MG0',
      apiUrl: 'http://127.0.0.1:2',
      publicUrl: 'https://hooks.example.com',
    });
    expect(readWorkerConfig(twilio).sms).toEqual({ provider: 'twilio', accountSid: 'AC0', authToken: 'auth' });
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
      TWILIO_MESSAGING_SERVICE_SID: 'xx-service',
      TWILIO_API_URL: 'https://xx-user:xx-password@example.com',
      WEBHOOK_PUBLIC_URL: 'https://example.com/?xx',
      METRICS_PORT: '70000',
      LOG_LEVEL: 'xx-loud',
      TEMPORAL_ADDRESS: 'https://xx-temporal:7233',
    };
    const { problems, message } = problemsOf(() => readWorkerConfig(wrong));
    expect(Object.keys(problems).sort()).toEqual(Object.keys(wrong).sort());
    for (const [name, problem] of Object.entries(problems)) expect(message).toContain(`${name} ${problem}`);
    expect(message).toContain('LOG_LEVEL must be one of trace, debug, info, warn, error');
    expect(message).not.toMatch(/xx|70000/);
  });

  test('reports broken rules between variables together with single wrong ones', () => {
    const both = { RBM_REGION: 'us', RBM_ENDPOINT: 'http://127.0.0.1:1', SMS_PROVIDER: 'http' };
    const { problems } = problemsOf(() => readWorkerConfig({ ...both, METRICS_PORT: 'x', LOG_LEVEL: 'loud' }));
    expect(problems).toEqual({
      RBM_ENDPOINT: 'must not be set together with RBM_REGION',
      SMS_HTTP_URL: 'is missing: SMS_PROVIDER=http needs it',
      SMS_HTTP_TOKEN: 'is missing: SMS_PROVIDER=http needs it',
      METRICS_PORT: 'must be a port number',
      LOG_LEVEL: 'must be one of trace, debug, info, warn, error',
    });
  });

  test('refuses an incomplete SMS provider', () => {
    const names = (environment: Record<string, string>) =>
      Object.keys(problemsOf(() => readWorkerConfig(environment)).problems);
    expect(names({ SMS_PROVIDER: 'twilio' })).toEqual(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']);
    expect(names({ ...http, SMS_HTTP_TOKEN: '' })).toEqual(['SMS_HTTP_TOKEN']);
    expect(names({ ...http, SMS_PROVIDER: '' })).toEqual(['SMS_PROVIDER']);
    expect(names({ TWILIO_ACCOUNT_SID: 'AC0' })).toEqual(['SMS_PROVIDER']);
    // The webhook server reads these two as well, so they don't mean that this worker sends SMS.
    expect(names({ TWILIO_AUTH_TOKEN: 'auth', WEBHOOK_PUBLIC_URL: 'https://hooks.example.com' })).toEqual([]);
  });

  test.each(['0', '65535'])('accepts port %s', (port) => {
    expect(readWorkerConfig({ METRICS_PORT: port }).metricsPort).toBe(Number(port));
  });
  test.each(['-1', '65536', '0x50', '1e3', '80.0', '8080 8081'])('refuses port %s', (port) => {
    expect(problemsOf(() => readWorkerConfig({ METRICS_PORT: port })).problems).toHaveProperty('METRICS_PORT');
  });
});
