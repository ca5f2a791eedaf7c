import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { exchange, NoAnswerError, type ExchangeRequest } from '../../src/http/exchange.js';
import { createFetch } from '../../src/http/proxied-fetch.js';
import { readProxies } from '../../src/http/proxies.js';
import { createAuthority } from '../support/certificates.js';
import { startConnectProxy, type ConnectProxyOptions } from '../support/connect-proxy.js';
import { deadUrl, json, rejection, reset, serve, serveTcp, silence } from './loopback.js';

async function proxy(options: ConnectProxyOptions = {}) {
  const running = await startConnectProxy(options);
  onTestFinished(() => running.stop());
  return running;
}

const through = (proxyUrl: string, url: string, more: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  url: `${url}/path`,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"to":"+15550100001"}',
  timeoutMs: 8_000,
  fetch: createFetch(readProxies({ ALL_PROXY: proxyUrl })),
  ...more,
});

async function noAnswer(given: ExchangeRequest): Promise<NoAnswerError> {
  const error = await rejection(exchange(given));
  expect(error).toBeInstanceOf(NoAnswerError);
  return error as NoAnswerError;
}

const hostOf = (url: string) => new URL(url).host;

describe('a request through a proxy', () => {
  test('goes through a connection that the proxy makes; http URLs, too', async () => {
    const { url, received } = await serve(json(200, { id: 1 }));
    const { url: proxyUrl, asked } = await proxy();
    expect(await exchange(through(proxyUrl, url))).toMatchObject({ status: 200, body: '{"id":1}' });
    expect(asked).toEqual([{ target: hostOf(url), authorization: undefined }]);
    expect(received).toMatchObject([{ method: 'POST', path: '/path', body: '{"to":"+15550100001"}' }]);
    expect(received[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  test('shows the proxy its credentials', async () => {
    const { url } = await serve(json(200, {}));
    const { port, asked } = await proxy();
    await exchange(through(`http://user:p%40ss@127.0.0.1:${String(port)}`, url));
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });

  test('several use one connection', async () => {
    const { url, received } = await serve(json(200, {}));
    const { url: proxyUrl, asked } = await proxy();
    const given = through(proxyUrl, url);
    await exchange(given);
    await new Promise(setImmediate);
    await exchange(given);
    expect(received).toHaveLength(2);
    expect(asked).toHaveLength(1);
  });

  test('does not use it for a host that NO_PROXY names', async () => {
    const { url, received } = await serve(json(200, {}));
    const fetch = createFetch(readProxies({ ALL_PROXY: await deadUrl(), NO_PROXY: ' LOCALHOST, 127.0.0.1' }));
    expect((await exchange(through('', url, { fetch }))).status).toBe(200);
    expect(received).toHaveLength(1);
  });

  test('reaches an https server, and shows its path and its body to nobody else', async () => {
    const { certificate: cert, key } = createAuthority().issue('target');
    const server = createTlsServer({ cert, key }, (request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `https://localhost:${String((server.address() as AddressInfo).port)}`;
    const { url: proxyUrl, asked } = await proxy();
    const given = through(proxyUrl, url);
    expect(await noAnswer(given)).toMatchObject({
      reached: false,
      message: expect.stringMatching(/CERT|SIGN/) as string,
    });
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await exchange(given)).toMatchObject({ status: 200, body: '/path' });
    expect(new Set(asked.map(({ target }) => target))).toEqual(new Set([hostOf(url)]));
    server.closeAllConnections();
  });

  test.each(['POST', 'GET', 'DELETE'] as const)(
    'a kept connection that dies under a %s is not used again',
    async (method) => {
      const { url, received } = await serve(json(200, {}), reset, json(200, {}));
      const { url: proxyUrl } = await proxy();
      const given = through(proxyUrl, url, { method, body: undefined });
      await exchange(given);
      await new Promise(setImmediate);
      expect((await noAnswer(given)).reached).toBe(true);
      expect(received).toHaveLength(2);
    },
  );

  test('may have been sent if the target does not answer in time', async () => {
    const { url, received } = await serve(silence);
    const { url: proxyUrl } = await proxy();
    expect((await noAnswer(through(proxyUrl, url, { timeoutMs: 800 }))).reached).toBe(true);
    expect(received).toHaveLength(1);
  });

  test('may have been sent if it was cancelled while waiting', async () => {
    const controller = new AbortController();
    const { url } = await serve(() => {
      controller.abort();
    });
    const { url: proxyUrl } = await proxy();
    expect(await noAnswer(through(proxyUrl, url, { signal: controller.signal }))).toMatchObject({
      reached: true,
      message: 'cancelled',
    });
  });
});

describe('surely not sent', () => {
  test.each([403, 407, 502, 503])('the proxy answers %i', async (answer) => {
    const { url, received } = await serve(json(200, {}));
    const { url: proxyUrl } = await proxy({ answer });
    expect(await noAnswer(through(proxyUrl, url))).toMatchObject({
      reached: false,
      message: `PROXY_ANSWERED_${String(answer)}`,
    });
    expect(received).toHaveLength(0);
  });

  test('nobody listens at the proxy', async () => {
    const { url } = await serve(json(200, {}));
    const error = await noAnswer(through(await deadUrl(), url));
    expect(error).toMatchObject({ reached: false, message: 'PROXY_ECONNREFUSED' });
  });

  test('the proxy does not answer', async () => {
    const { url } = await serve(json(200, {}));
    const { url: proxyUrl } = await proxy({ answer: 'silence' });
    const error = await noAnswer(through(proxyUrl, url));
    expect(error).toMatchObject({ reached: false, message: 'PROXY_TIMEOUT' });
  });

  test('the proxy closes the connection', async () => {
    const { url } = await serve(json(200, {}));
    const { url: proxyUrl } = await serveTcp({ onData: (socket) => socket.end() });
    const error = await noAnswer(through(proxyUrl, url));
    expect(error).toMatchObject({ reached: false, message: 'PROXY_ECONNRESET' });
  });

  test('the proxy is no proxy', async () => {
    const { url } = await serve(json(200, {}));
    const other = await serve(json(200, {}));
    expect((await noAnswer(through(other.url, url))).reached).toBe(false);
  });

  test('the variable names a proxy that can not be used: nothing goes past it', async () => {
    const { url, received } = await serve(json(200, {}));
    const error = await noAnswer(through('socks5://127.0.0.1:1080', url));
    expect(error).toMatchObject({ reached: false, message: 'PROXY_UNUSABLE' });
    expect(received).toHaveLength(0);
  });
});
