import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { availableHost } from '../../src/roles/available-host.js';
import { listen } from '../../src/roles/listen.js';
import { metricsAddress } from '../../src/roles/metrics-address.js';

const app = () => {
  const server = Fastify().get('/', () => 'hello');
  onTestFinished(() => server.close());
  return server;
};
const at = (host: string, port = 0) => listen(app(), { host, port, variable: 'WEBHOOK_PORT' });

describe('a server', () => {
  test('that listens on every address is reached over IPv4, and over IPv6 where the machine has it', async () => {
    const [where = ''] = await at('::');
    const hasIpv6 = (await availableHost('::')) === '::';
    const port = new URL(`http://${where}`).port;
    expect(where).toBe(hasIpv6 ? `[::]:${port}` : `0.0.0.0:${port}`);
    for (const host of hasIpv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'])
      expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('hello');
  });

  test('shows an address of IPv4 as it is', async () => {
    expect(await at('127.0.0.1')).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
  });

  test.each(['192.0.2.1', '2001:db8::1', 'no-such-host.invalid'])(
    'can’t listen on %s, and names the variable',
    async (host) => {
      await expect(at(host)).rejects.toThrow('WEBHOOK_HOST is no address of this machine');
      await expect(metricsAddress(host, 9464)).rejects.toThrow('METRICS_HOST is no address of this machine');
    },
  );

  test('names the variable of a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    await expect(at('127.0.0.1', port)).rejects.toThrow('the port WEBHOOK_PORT cannot be listened on');
  });
});

describe('where the machine lacks one kind of address', () => {
  const without = (missing: string) => (host: string) => Promise.resolve(host !== missing);

  test('the other kind is taken', async () => {
    expect(await availableHost('::', without('::'))).toBe('0.0.0.0');
    expect(await availableHost('127.0.0.1', without('127.0.0.1'))).toBe('::1');
  });

  test('an address that was chosen is kept', async () => {
    for (const host of ['0.0.0.0', '::1', '10.0.0.1', 'localhost', 'constructor'])
      expect(await availableHost(host, () => Promise.resolve(false))).toBe(host);
    expect(await availableHost('::', without('127.0.0.1'))).toBe('::');
  });
});

test.each([
  ['127.0.0.1', '127.0.0.1:9464'],
  ['0.0.0.0', '0.0.0.0:9464'],
  ['localhost', /^(?:127\.0\.0\.1|\[::1\]):9464$/],
  ['::', /^(?:\[::\]|0\.0\.0\.0):9464$/],
])('metrics at %s are served where the SDK can', async (host, expected) => {
  expect(await metricsAddress(host, 9464)).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  );
});
