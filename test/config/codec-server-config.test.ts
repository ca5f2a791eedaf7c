import { describe, expect, test } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { readCodecServerConfig } from '../../src/config/codec-server-config.js';
import { readWebhookConfig } from '../../src/config/webhook-config.js';
import { readWorkerConfig } from '../../src/config/worker-config.js';
import { keyText } from '../encryption/test-keys.js';
import { problemsOf } from './problems.js';

const PAYLOAD_ENCRYPTION_KEYS = `${keyText('new')},${keyText('old')}`;
const TOKENS = { CODEC_SERVER_TOKENS: 'a-token-for-tests-1, a-token-for-tests-2' };
const problems = (given: Record<string, string>) =>
  problemsOf(() => readCodecServerConfig({ PAYLOAD_ENCRYPTION_KEYS, ...given })).problems;

test.each([
  ['the worker', readWorkerConfig],
  ['the webhook server', readWebhookConfig],
  ['clients', readClientConfig],
])('%s may have keys, and refuses wrong ones without repeating them', (_who, read) => {
  const rest = { RBM_WEBHOOK_CLIENT_TOKEN: 'token' };
  expect(read(rest)).not.toHaveProperty('encryptionKeys');
  for (const given of [PAYLOAD_ENCRYPTION_KEYS, `${PAYLOAD_ENCRYPTION_KEYS},`])
    expect(read({ ...rest, PAYLOAD_ENCRYPTION_KEYS: given }).encryptionKeys?.map(({ id }) => id)).toEqual([
      'new',
      'old',
    ]);
  for (const wrong of ['xx', 'a:xx', ',', `${keyText('a')},${keyText('a')}`]) {
    const { problems: found, message } = problemsOf(() => read({ ...rest, PAYLOAD_ENCRYPTION_KEYS: wrong }));
    expect(found).toEqual({ PAYLOAD_ENCRYPTION_KEYS: expect.stringMatching(/^must be .*keyId:base64/) as string });
    expect(message).not.toMatch(/xx/);
    expect(message).not.toContain(keyText('a').slice(2, 12));
  }
});

describe('the configuration of a codec server', () => {
  test.each([
    [{}, 0],
    [{ CODEC_SERVER_HOST: '::1' }, 0],
    [{ CODEC_SERVER_HOST: '0.0.0.0' }, 5_000],
    [{ CODEC_SERVER_HOST: '::', CODEC_SERVER_SHUTDOWN_DELAY: '0s' }, 0],
    [{ CODEC_SERVER_SHUTDOWN_DELAY: '20s' }, 20_000],
  ])('%j: it answers for a while longer', (given, shutdownDelayMs) => {
    expect(readCodecServerConfig({ PAYLOAD_ENCRYPTION_KEYS, ...TOKENS, ...given })).toMatchObject({ shutdownDelayMs });
  });

  test('needs keys and tokens, and ignores Temporal', () => {
    const config = readCodecServerConfig({ PAYLOAD_ENCRYPTION_KEYS, ...TOKENS, TEMPORAL_ADDRESS: 'http://wrong' });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8088,
      callers: [
        { name: 'caller 1', token: 'a-token-for-tests-1' },
        { name: 'caller 2', token: 'a-token-for-tests-2' },
      ],
      logLevel: 'info',
    });
    expect(config.uiOrigins).toEqual([]);
    expect(Object.keys(problemsOf(() => readCodecServerConfig({})).problems)).toEqual([
      'PAYLOAD_ENCRYPTION_KEYS',
      'CODEC_SERVER_TOKENS',
    ]);
  });

  test('allows anonymous callers only if configured, on loopback, and without tokens', () => {
    const anonymous = { CODEC_SERVER_ALLOW_ANONYMOUS: 'true' };
    for (const CODEC_SERVER_HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
      expect(readCodecServerConfig({ PAYLOAD_ENCRYPTION_KEYS, ...anonymous, CODEC_SERVER_HOST })).not.toHaveProperty(
        'callers',
      );
    }
    for (const CODEC_SERVER_HOST of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'example.com']) {
      expect(Object.keys(problems({ ...anonymous, CODEC_SERVER_HOST }))).toEqual(['CODEC_SERVER_HOST']);
      expect(readCodecServerConfig({ PAYLOAD_ENCRYPTION_KEYS, ...TOKENS, CODEC_SERVER_HOST }).host).toBe(
        CODEC_SERVER_HOST,
      );
    }
    expect(Object.keys(problems({ ...anonymous, ...TOKENS }))).toEqual(['CODEC_SERVER_ALLOW_ANONYMOUS']);
    expect(Object.keys(problems({ CODEC_SERVER_ALLOW_ANONYMOUS: 'false' }))).toEqual(['CODEC_SERVER_TOKENS']);
  });

  test('writes the origins as browsers do', () => {
    const originsOf = (CODEC_SERVER_UI_ORIGIN: string) =>
      readCodecServerConfig({ PAYLOAD_ENCRYPTION_KEYS, ...TOKENS, CODEC_SERVER_UI_ORIGIN }).uiOrigins;
    expect(originsOf('http://localhost:8233\n')).toEqual(['http://localhost:8233']);
    expect(originsOf('HTTPS://Temporal.Example.com:443/')).toEqual(['https://temporal.example.com']);
    expect(originsOf('https://a.example/, http://B.example:8080,\nhttps://a.example')).toEqual([
      'https://a.example',
      'http://b.example:8080',
    ]);
    for (const wrong of [
      '*',
      'null',
      'temporal.example.com',
      'https://a.example/ui',
      'https://a.example,b.example',
      'https://user:secret@a.example',
      'https://*.example.com',
      'https://*',
      'https://.example.com',
      'https://a..example.com',
    ]) {
      expect(Object.keys(problems({ ...TOKENS, CODEC_SERVER_UI_ORIGIN: wrong }))).toEqual(['CODEC_SERVER_UI_ORIGIN']);
    }
  });

  test('names the callers whose tokens have a name', () => {
    const { callers } = readCodecServerConfig({
      PAYLOAD_ENCRYPTION_KEYS,
      CODEC_SERVER_TOKENS: 'support=a-token-for-tests-1,bm90IGEgbmFtZSBidXQgYSB0b2tlbg==,on-call=b/token=for+tests==',
    });
    expect(callers).toEqual([
      { name: 'support', token: 'a-token-for-tests-1' },
      { name: 'caller 2', token: 'bm90IGEgbmFtZSBidXQgYSB0b2tlbg==' },
      { name: 'on-call', token: 'b/token=for+tests==' },
    ]);
    expect(Object.keys(problems({ CODEC_SERVER_TOKENS: 'support=short' }))).toEqual(['CODEC_SERVER_TOKENS']);
  });

  test('takes a boolean in any of the usual words', () => {
    const anonymous = { PAYLOAD_ENCRYPTION_KEYS, CODEC_SERVER_ALLOW_ANONYMOUS: 'TRUE\n' };
    expect(readCodecServerConfig(anonymous)).not.toHaveProperty('callers');
  });

  test('refuses short tokens', () => {
    for (const CODEC_SERVER_TOKENS of ['short', 'a-token-for-tests-1,short', 'a token with spaces in it']) {
      expect(Object.keys(problems({ CODEC_SERVER_TOKENS }))).toEqual(['CODEC_SERVER_TOKENS']);
    }
  });
});
