import { assert, property, ipV4, ipV6, nat, stringMatching } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostAndPort, readNoProxy } from '../../src/http/no-proxy.js';

const isExempt = (noProxy: string, target: string): boolean => {
  const { host, port = 443 } = hostAndPort(target);
  return readNoProxy(noProxy)({ host, port });
};

describe('NO_PROXY', () => {
  test.each([
    ['localhost,127.0.0.1', '127.0.0.1:7233'],
    [' localhost , 127.0.0.1 ', '127.0.0.1'],
    ['localhost\n127.0.0.1\n', '127.0.0.1'],
    ['localhost 127.0.0.1', 'localhost'],
    ['*', 'anything.example'],
    ['a.example,*', 'b.example'],
    ['example.com', 'example.com'],
    ['example.com', 'api.example.com'],
    ['.example.com', 'api.example.com'],
    ['.example.com', 'example.com'],
    ['*.example.com', 'api.example.com'],
    ['EXAMPLE.com', 'api.example.COM'],
    ['example.com.', 'example.com'],
    ['example.com', 'example.com.'],
    ['.svc.cluster.local', 'temporal-frontend.temporal.svc.cluster.local:7233'],
    ['.svc', 'temporal-frontend.temporal.svc'],
    ['example.com:8443', 'example.com:8443'],
    ['https://example.com/path', 'example.com'],
    ['10.0.0.0/8', '10.20.30.40'],
    ['[fd00::]/8', '[fd12::1]:7233'],
    ['fd00::/8', '[fd12::1]'],
    ['::1', '[::1]:7233'],
    ['[::1]', '[::1]:7233'],
    ['[::1]:7233', '[::1]:7233'],
    ['0:0:0:0:0:0:0:1', '[::1]'],
  ])('%j exempts %s', (noProxy, target) => {
    expect(isExempt(noProxy, target)).toBe(true);
  });

  test.each([
    ['', 'localhost'],
    [',,', 'localhost'],
    ['.', 'localhost'],
    ['example.com', 'badexample.com'],
    ['example.com:8443', 'example.com:443'],
    ['[::1]:7233', '[::1]:7234'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.0.0.0/8', '10.example.com'],
    ['10.0.0.0/33', '10.0.0.1'],
    ['27.0.0.1', '127.0.0.1'],
    ['1', '127.0.0.1'],
  ])('%j does not exempt %s', (noProxy, target) => {
    expect(isExempt(noProxy, target)).toBe(false);
  });

  test('any text can be read', () => {
    assert(
      property(stringMatching(/^[\w.:*/,[\] \n-]{0,60}$/), (text) => {
        expect(typeof readNoProxy(text)({ host: 'a.example', port: 443 })).toBe('boolean');
      }),
    );
  });

  test('an address is exempt from its own entry, and from each range that holds it', () => {
    assert(
      property(ipV4(), nat(32), (address, bits) => {
        expect(isExempt(`${address}/${String(bits)}`, address)).toBe(true);
        expect(isExempt(`other.example,${address}`, address)).toBe(true);
      }),
    );
    assert(
      property(ipV6(), nat(128), (address, bits) => {
        expect(isExempt(`${address}/${String(bits)}`, `[${address}]:1`)).toBe(true);
        expect(isExempt(address, `[${address}]`)).toBe(true);
      }),
    );
  });
});
