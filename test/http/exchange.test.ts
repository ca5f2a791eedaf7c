import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { exchange, jsonOf, NoAnswerError, type ExchangeRequest } from '../../src/http/exchange.js';
import {
  deadUrl,
  html,
  json,
  rejection,
  reset,
  serve,
  serveTcp,
  silence,
  stall,
  truncate,
  type Handler,
} from './loopback.js';

const request = (url: string, more: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  url: `${url}/path`,
  method: 'POST',
  headers: {},
  body: '{}',
  timeoutMs: 5_000,
  ...more,
});

async function noAnswer(given: ExchangeRequest): Promise<NoAnswerError> {
  const error = await rejection(exchange(given));
  expect(error).toBeInstanceOf(NoAnswerError);
  return error as NoAnswerError;
}

describe('a status line is the answer, whatever happens to the body', () => {
  test.each<[string, Handler]>([
    ['silence after the beginning', stall(200, '{"a":1')],
    ['a connection that breaks', truncate(200, '{"a":1')],
    [
      'a broken compression',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip');
      },
    ],
    ['HTML', html(200)],
  ])('%s', async (_, handler) => {
    const { url, received } = await serve(handler);
    const answer = await exchange(request(url, { timeoutMs: 800 }));
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toBeUndefined();
    expect(received).toHaveLength(1);
  });

  test('JSON may begin with a byte order mark', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200).end('\ufeff{"id":"x"}');
    });
    expect(jsonOf(await exchange(request(url)))).toEqual({ id: 'x' });
  });

  test('the time limit covers the body: a server that drips does not hold the caller', async () => {
    const drips: Handler = (_, response) => {
      response.writeHead(500, { 'content-length': '100000' });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    const { url } = await serve(drips);
    const begin = performance.now();
    expect((await exchange(request(url, { timeoutMs: 800 }))).status).toBe(500);
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  test('an endless body is read up to a limit', async () => {
    const endless: Handler = (_, response) => {
      response.writeHead(503);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const { url } = await serve(endless);
    const begin = performance.now();
    const answer = await exchange(request(url, { timeoutMs: 90_000 }));
    expect(answer.body).toHaveLength(64 * 1024);
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  test('a bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    expect((await exchange(request(url))).body).toHaveLength(1024 * 1024);
  });

  test('interim answers are skipped', async () => {
    const { url } = await serveTcp({
      onData: (socket) => {
        socket.end('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
      },
    });
    expect((await exchange(request(url))).status).toBe(204);
  });

  test('a redirect is an answer and is not followed', async () => {
    const elsewhere = await serve(json(200, {}));
    const { url } = await serve(json(307, {}, { location: elsewhere.url }));
    expect((await exchange(request(url))).status).toBe(307);
    expect(elsewhere.received).toHaveLength(0);
  });
});

describe('no answer, and the server may have the request', () => {
  test.each<[string, Handler]>([
    ['silence', silence],
    ['a reset', reset],
    ['a connection closed without a word', (_, response) => response.socket?.destroy()],
  ])('%s', async (_, handler) => {
    const { url, received } = await serve(handler);
    expect((await noAnswer(request(url, { timeoutMs: 800 }))).reached).toBe(true);
    expect(received).toHaveLength(1);
  });

  test.each([
    ['something else than HTTP', 'hello\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ])('%s', async (_, bytes) => {
    const { url } = await serveTcp({
      onData: (socket) => {
        socket.end(bytes);
      },
    });
    expect((await noAnswer(request(url))).reached).toBe(true);
  });

  test.each(['POST', 'GET', 'DELETE'] as const)(
    'a kept connection that dies under a %s: the request is not sent again',
    async (method) => {
      const { url, received } = await serve(json(200, {}), reset, json(200, {}));
      const given = request(url, { method, body: undefined });
      await exchange(given);
      await new Promise(setImmediate); // the pool takes the connection back
      expect((await noAnswer(given)).reached).toBe(true);
      expect(received).toHaveLength(2);
      expect(new Set(received.map(({ port }) => port)).size).toBe(1);
    },
  );

  test('cancelled while waiting', async () => {
    const controller = new AbortController();
    const { url } = await serve(() => {
      controller.abort();
    });
    const error = await noAnswer(request(url, { signal: controller.signal }));
    expect(error).toMatchObject({ reached: true, message: 'cancelled' });
  });
});

describe('the request surely never reached the server', () => {
  test('nobody listens', async () => {
    expect(await noAnswer(request(await deadUrl()))).toMatchObject({ reached: false, message: 'ECONNREFUSED' });
  });

  test('no such host', async () => {
    expect((await noAnswer(request('http://rbm.invalid'))).reached).toBe(false);
  });

  test('no TLS at the other end', async () => {
    const { url, received } = await serve(json(200, {}));
    expect((await noAnswer(request(url.replace('http:', 'https:')))).reached).toBe(false);
    expect(received).toHaveLength(0);
  });

  test('a connection that is closed during the TLS handshake', async () => {
    const { url } = await serveTcp({
      onData: (socket) => {
        socket.end();
      },
    });
    expect((await noAnswer(request(url.replace('http:', 'https:')))).reached).toBe(false);
  });

  test('cancelled before it began', async () => {
    const { url, received } = await serve(json(200, {}));
    expect((await noAnswer(request(url, { signal: AbortSignal.abort() }))).reached).toBe(false);
    expect(received).toHaveLength(0);
  });

  test('a header that cannot be sent; its value stays out of the error', async () => {
    const { url, received } = await serve(json(200, {}));
    const error = await noAnswer(request(url, { headers: { authorization: 'Bearer hush\nhush' } }));
    expect(error.reached).toBe(false);
    expect(error.message).not.toContain('hush');
    expect(received).toHaveLength(0);
  });
});

describe("what fetch's causes say, where no test can bring them about", () => {
  const caused = (cause: Error, fields: object) => () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(cause, fields) }));

  test.each<[string, Error, object, boolean]>([
    ['a connect that timed out', new Error(), { code: 'ETIMEDOUT', syscall: 'connect' }, false],
    ['a connect that was reset', new Error(), { code: 'ECONNRESET', syscall: 'connect' }, false],
    ['a connect that undici gave up', new Error(), { code: 'UND_ERR_CONNECT_TIMEOUT' }, false],
    ['no address of several', new AggregateError([]), { code: 'ETIMEDOUT' }, false],
    ['a name server that is down', new Error(), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }, false],
    ['a certificate that ended', new Error(), { code: 'CERT_HAS_EXPIRED' }, false],
    ['a certificate for another host', new Error(), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, false],
    ['a handshake that was refused', new Error(), { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' }, false],
    ['a port that fetch forbids', new Error('bad port'), {}, false],
    ['a broken record', new Error(), { code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }, true],
    ['a read that timed out', new Error(), { code: 'ETIMEDOUT', syscall: 'read' }, true],
    ['a broken pipe', new Error(), { code: 'EPIPE', syscall: 'write' }, true],
    ['nothing known', new Error('call +15550100001'), {}, true],
  ])('%s', async (_, cause, fields, reached) => {
    const error = await noAnswer(request('http://127.0.0.1', { fetch: caused(cause, fields) }));
    expect(error.reached).toBe(reached);
    expect(error.message).not.toContain('5550100001');
  });
});
