import { describe, expect, test } from 'vitest';
import { readProxies, type Route } from '../../src/http/proxies.js';

const brief = (route: Route): string => {
  if (route.kind === 'direct') return 'direct';
  return route.kind === 'proxy' ? `${route.tls ? 'tls ' : ''}${route.host} ${String(route.port)}` : route.kind;
};
const RBM = 'https://us-rcsbusinessmessaging.googleapis.com/v1/x';

describe('which proxy', () => {
  test.each([
    [{}, 'direct'],
    [{ HTTPS_PROXY: '' }, 'direct'],
    [{ HTTPS_PROXY: ' \n' }, 'direct'],
    [{ HTTP_PROXY: 'http://p:1' }, 'direct'],
    [{ HTTPS_PROXY: 'http://p:1' }, 'p 1'],
    [{ https_proxy: 'http://p:1' }, 'p 1'],
    [{ https_proxy: '', HTTPS_PROXY: 'http://p:1' }, 'p 1'],
    [{ https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, 'low 1'],
    [{ Https_Proxy: 'http://p:1' }, 'p 1'],
    [{ ALL_PROXY: 'http://p:1' }, 'p 1'],
    [{ ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://p:1' }, 'p 1'],
    [{ HTTPS_PROXY: 'p:3128' }, 'p 3128'],
    [{ HTTPS_PROXY: '10.0.0.1:3128' }, '10.0.0.1 3128'],
    [{ HTTPS_PROXY: ' http://p:3128/ \n' }, 'p 3128'],
    [{ HTTPS_PROXY: 'http://p' }, 'p 80'],
    [{ HTTPS_PROXY: 'https://p' }, 'tls p 443'],
    [{ HTTPS_PROXY: 'http://[::1]:3128' }, '::1 3128'],
    [{ HTTPS_PROXY: 'socks5://p:1080' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://%zz:secret@p:1' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://DOMAIN\\user:pw@p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'DOMAIN\\user:pw@p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'http:\\\\p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://DOMAIN%5Cuser:pw@p:3128' }, 'p 3128'],
    [{ HTTPS_PROXY: 'http://user:12/34@p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://user:12#34@p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://user?34@p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'http://user:a@b/34@p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'http:/p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'https:/p' }, 'unusable'],
    [{ HTTPS_PROXY: 'http:p:3128' }, 'unusable'],
    [{ HTTPS_PROXY: 'p:3128/' }, 'p 3128'],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'googleapis.com' }, 'direct'],
    [{ HTTPS_PROXY: 'http://p:1', no_proxy: '.googleapis.com' }, 'direct'],
    [{ HTTPS_PROXY: 'http://p:1', no_proxy: '', NO_PROXY: '*' }, 'direct'],
    [{ HTTPS_PROXY: 'socks5://p:1', NO_PROXY: '*' }, 'direct'],
  ])('%j: RBM %s', (environment, expected) => {
    expect(brief(readProxies(environment).toUrl(RBM))).toBe(expected);
  });

  test('HTTP_PROXY is for http URLs, HTTPS_PROXY for https URLs', () => {
    const proxies = readProxies({ HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' });
    expect(brief(proxies.toUrl('http://sms.example'))).toBe('plain 1');
    expect(brief(proxies.toUrl('https://sms.example'))).toBe('secure 2');
  });

  test.each([
    [{ HTTPS_PROXY: 'http://p:1' }, 'p 1'],
    [{ HTTP_PROXY: 'http://p:1' }, 'p 1'],
    [{ HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://p:1' }, 'p 1'],
    [{ GRPC_PROXY: 'http://g:1', HTTPS_PROXY: 'http://p:1' }, 'g 1'],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'temporal.internal' }, 'direct'],
    [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'temporal.internal:7233' }, 'direct'],
    [{ HTTPS_PROXY: 'http://p:1', no_grpc_proxy: 'temporal.internal' }, 'direct'],
    [{ HTTPS_PROXY: 'http://p:1', no_grpc_proxy: 'other', NO_PROXY: 'temporal.internal' }, 'p 1'],
  ])('%j: Temporal %s', (environment, expected) => {
    expect(brief(readProxies(environment).toTemporal('temporal.internal:7233'))).toBe(expected);
    expect(brief(readProxies(environment).toTemporal('temporal.internal'))).toBe(expected);
  });

  test.each(['http://169.254.169.254/x', 'http://metadata.google.internal/x', 'http://metadata.google.internal./x'])(
    'never for the metadata server: %s',
    (url) => {
      expect(brief(readProxies({ HTTP_PROXY: 'http://p:1', ALL_PROXY: 'http://p:1' }).toUrl(url))).toBe('direct');
    },
  );

  test('never for the metadata server that the environment names', () => {
    const proxies = readProxies({ HTTP_PROXY: 'http://p:1', GCE_METADATA_HOST: '127.0.0.1:8080' });
    expect(brief(proxies.toUrl('http://127.0.0.1:8080/computeMetadata/v1/instance'))).toBe('direct');
  });

  test('the credentials of a proxy are decoded', () => {
    const route = readProxies({ HTTPS_PROXY: 'http://user:p%40ss%3A@p:1' }).toUrl(RBM);
    expect(route).toMatchObject({ credentials: { username: 'user', password: 'p@ss:' } });
  });
});

describe('what is logged', () => {
  test('nothing without a proxy', () => {
    expect(readProxies({ NO_PROXY: '*' }).summary).toBeUndefined();
  });

  test('hosts, and never credentials', () => {
    const { summary, unusable } = readProxies({
      HTTPS_PROXY: 'http://user:hush@p:3128',
      HTTP_PROXY: 'socks5://user:hush@q:1',
    });
    expect(summary).toEqual({ https: 'p:3128', http: 'none, because of HTTP_PROXY' });
    expect(unusable).toEqual([
      {
        kind: 'unusable',
        variable: 'HTTP_PROXY',
        problem: 'must name a proxy that is used with http:// or https://',
      },
    ]);
  });
});
