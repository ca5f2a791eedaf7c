import { describe, expect, test } from 'vitest';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { problemsOf } from './problems.js';

const token = { RBM_WEBHOOK_CLIENT_TOKEN: 'current' };
const SECRET = `whsec_${Buffer.from('a secret for tests only').toString('base64')}`;

describe('the configuration of a webhook server', () => {
  test('needs only the client token', () => {
    expect(readWebhookConfig(token)).toMatchObject({
      host: '::',
      port: 8080,
      rbmClientTokens: ['current'],
      sms: {},
      logLevel: 'info',
    });
    expect(problemsOf(() => readWebhookConfig({ RBM_WEBHOOK_CLIENT_TOKEN: '' })).problems).toEqual({
      RBM_WEBHOOK_CLIENT_TOKEN: 'is missing: it must be one or more client tokens, separated by commas',
    });
  });

  test('reads every variable, and several values of secrets that rotate', () => {
    const config = readWebhookConfig({
      RBM_WEBHOOK_CLIENT_TOKEN: 'current, former',
      RBM_AGENTS: 'acme@rbm.goog,other',
      RBM_FORWARD_URL: 'https://example.com/events?from=rbm',
      SMS_PROVIDER: 'http',
      SMS_WEBHOOK_SECRET: `${SECRET},${SECRET}`,
      TWILIO_AUTH_TOKEN: 'auth,former-auth',
      WEBHOOK_PUBLIC_URL: 'https://hooks.example.com',
      WEBHOOK_HOST: '127.0.0.1',
      WEBHOOK_PORT: '0',
      LOG_LEVEL: 'warn',
    });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      rbmClientTokens: ['current', 'former'],
      agents: [{ agentId: 'acme' }, { agentId: 'other' }],
      rbmForwardUrl: 'https://example.com/events?from=rbm',
      sms: {
        http: { secrets: [SECRET, SECRET] },
        twilio: { authTokens: ['auth', 'former-auth'], publicUrl: 'https://hooks.example.com' },
      },
      logLevel: 'warn',
    });
  });

  test.each([
    [{ PORT: '9000' }, 9000],
    [{ PORT: '9000', WEBHOOK_PORT: '9001' }, 9001],
    [{ PORT: '9000', WEBHOOK_PORT: 'tcp://10.0.0.1:8080' }, 9000],
    [{ PORT: '0' }, 0],
    [{ PORT: 'tcp://10.0.0.1:8080' }, 8080],
    [{ PORT: '\\\\.\\pipe\\site' }, 8080],
    [{ PORT: '' }, 8080],
  ])('takes the port that a platform gives, unless it has one of its own: %j', (given, port) => {
    expect(readWebhookConfig({ ...token, ...given }).port).toBe(port);
  });

  test('reads how it treats connections', () => {
    const unset = readWebhookConfig(token);
    expect(unset).toMatchObject({ keepAliveMs: 620_000, shutdownDelayMs: 5_000 });
    expect(unset).not.toHaveProperty('adminPort');
    const set = {
      WEBHOOK_ADMIN_HOST: '127.0.0.1',
      WEBHOOK_ADMIN_PORT: '9000',
      WEBHOOK_KEEP_ALIVE: '75s',
      WEBHOOK_SHUTDOWN_DELAY: '0.5s',
    };
    const expected = { adminHost: '127.0.0.1', adminPort: 9000, keepAliveMs: 75_000, shutdownDelayMs: 500 };
    expect(readWebhookConfig({ ...token, ...set })).toMatchObject(expected);
  });

  test.each([
    ['WEBHOOK_ADMIN_PORT', '8080'],
    ['WEBHOOK_KEEP_ALIVE', '75'],
    ['WEBHOOK_KEEP_ALIVE', '3601s'],
    ['WEBHOOK_SHUTDOWN_DELAY', '5m'],
    ['WEBHOOK_SHUTDOWN_DELAY', '601s'],
  ])('refuses %s=%s', (name, value) => {
    const { problems } = problemsOf(() => readWebhookConfig({ ...token, [name]: value }));
    expect(Object.keys(problems)).toEqual([name]);
  });

  test('any free port may be asked for twice', () => {
    const free = { WEBHOOK_PORT: '0', WEBHOOK_ADMIN_PORT: '0' };
    expect(readWebhookConfig({ ...token, ...free })).toMatchObject({ port: 0, adminPort: 0 });
  });

  test('names everything that is wrong at once, and repeats no value', () => {
    const wrong = {
      RBM_WEBHOOK_CLIENT_TOKEN: 'xx-one,xx two',
      RBM_AGENTS: 'acme region=xx',
      RBM_FORWARD_URL: 'xx-nowhere',
      SMS_PROVIDER: 'xx',
      SMS_WEBHOOK_SECRET: `${SECRET},xx-not-a-secret`,
      TWILIO_AUTH_TOKEN: 'xx xx',
      WEBHOOK_PUBLIC_URL: 'xx',
      WEBHOOK_PORT: '-1',
      TEMPORAL_ADDRESS: 'http://xx',
    };
    const { problems, message } = problemsOf(() => readWebhookConfig(wrong));
    expect(Object.keys(problems).sort()).toEqual(Object.keys(wrong).sort());
    expect(message).not.toMatch(/xx|whsec_YS/);
  });

  test('a forward URL with a password is refused, with the reason', () => {
    const RBM_FORWARD_URL = 'https://xx-user:xx-pass@example.com/events';
    const { problems, message } = problemsOf(() => readWebhookConfig({ ...token, RBM_FORWARD_URL }));
    expect(problems).toEqual({ RBM_FORWARD_URL: 'must be an http or https URL without credentials' });
    expect(message).not.toContain('xx-');
  });

  test('has no route for Twilio without the token and the URL that its signatures need', () => {
    expect(readWebhookConfig({ ...token, TWILIO_AUTH_TOKEN: 'auth' }).sms).toEqual({});
    const { problems } = problemsOf(() => readWebhookConfig({ ...token, SMS_PROVIDER: 'twilio' }));
    expect(Object.keys(problems)).toEqual(['TWILIO_AUTH_TOKEN', 'WEBHOOK_PUBLIC_URL']);
    const several = problemsOf(() => readWebhookConfig({ ...token, SMS_PROVIDER: 'http, Twilio' }));
    expect(several.problems).toEqual(problems);
  });
});
