import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { buildCodecServer, type CodecServerOptions } from '../../src/codec-server/build-codec-server.js';
import { toJson } from '../../src/codec-server/decode.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { createLogger } from '../../src/observability/logger.js';
import { testKeys } from '../encryption/test-keys.js';

const UI = 'https://temporal.example.com';
const CALLERS = [
  { name: 'caller 1', token: 'first-token-for-tests' },
  { name: 'support', token: 'second-token-for-tests' },
];
const authorization = 'Bearer first-token-for-tests';
const keys = testKeys('new', 'old');
const TEXT = 'marked text to +15550100001';

const running = new Set<FastifyInstance>();
afterEach(async () => {
  await Promise.all([...running].map((app) => app.close()));
  running.clear();
});

async function start(options: Partial<CodecServerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: 'trace', role: 'test', destination: { write: (line) => void lines.push(line) } });
  const app = buildCodecServer({ keys, log, callers: CALLERS, uiOrigins: [UI], ...options });
  running.add(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    post: (body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${url}/decode`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

async function encrypted(value: unknown, ...ids: readonly string[]) {
  const codec = createPayloadCodec({ keys: testKeys(...ids) });
  return (await codec.encode([defaultPayloadConverter.toPayload(value)])).map(toJson);
}

const plain = (value: unknown) => toJson(defaultPayloadConverter.toPayload(value));
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
const valuesIn = async (answer: Response) => {
  const { payloads } = (await answer.json()) as { payloads: { metadata: Record<string, string>; data: string }[] };
  return payloads.map(({ metadata, data }): unknown => {
    const bytes = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
    const payload: Payload = { metadata: Object.fromEntries(bytes), data: Buffer.from(data, 'base64') };
    return defaultPayloadConverter.fromPayload(payload);
  });
};

describe('POST /decode', () => {
  test('decodes under every key, passes what is not encrypted, and logs who asked for how much, but not what', async () => {
    const { post, log } = await start();
    const body = { payloads: [...(await encrypted(TEXT, 'new')), plain('plain'), ...(await encrypted(2, 'old'))] };
    const answer = await post(body, { 'x-namespace': 'default' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await valuesIn(answer)).toEqual([TEXT, 'plain', 2]);
    expect(log()).toEqual([
      expect.objectContaining({
        level: 'info',
        msg: 'decoded',
        caller: 'caller 1',
        namespace: 'default',
        payloads: 3,
        encrypted: 2,
        keyIds: ['new', 'old'],
      }),
    ]);
    expect(JSON.stringify(log())).not.toMatch(/marked|5550100|first-token/);
  });

  test('takes what proto JSON allows: no data, no metadata, unknown fields, the other base64', async () => {
    const { post } = await start();
    const [sealed] = await encrypted(null, 'new');
    const urlSafe = { ...sealed, data: sealed?.data?.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') };
    const answer = await post({ payloads: [{}, { metadata: null, extra: [1] }, urlSafe] });
    expect(await answer.json()).toEqual({ payloads: [{}, { metadata: null, extra: [1] }, plain(null)] });
    expect(await (await post({ payloads: [] })).json()).toEqual({ payloads: [] });
  });

  test('answers 400 to what is nested deeper than any payload', async () => {
    const { post } = await start();
    const body = `{"payloads":[{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`;
    expect(await codeOf(await post(body))).toEqual([400, 'MALFORMED']);
  });

  test.each([
    ['an unknown key', 'UNKNOWN_KEY', async () => encrypted(TEXT, 'lost')],
    [
      'a changed payload',
      'NOT_AUTHENTIC',
      async () =>
        (await encrypted(TEXT, 'new')).map((sealed) => ({ ...sealed, data: `AAAA${sealed.data?.slice(4) ?? ''}` })),
    ],
    [
      'no key id',
      'UNREADABLE',
      () =>
        Promise.resolve([{ metadata: { encoding: Buffer.from('binary/encrypted').toString('base64') }, data: 'AA==' }]),
    ],
  ])('answers 400 to %s, and logs it', async (_what, code, payloads) => {
    const { post, log } = await start();
    expect(await codeOf(await post({ payloads: await payloads() }))).toEqual([400, code]);
    expect(log()).toMatchObject([{ level: 'warn', msg: 'not decoded', code, payloads: 1 }]);
  });

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"payloads":{}}',
    '{"payloads":[1]}',
    '{"payloads":[{"data":"%"}]}',
    '{"payloads":[{"metadata":{"a":1}}]}',
    '{"__proto__":{}}',
  ])('answers 400 to %s', async (body) => {
    const { post, log } = await start();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(log()).toEqual([]);
  });

  test.each([
    { 'content-encoding': 'gzip' },
    { 'content-encoding': 'br' },
    { 'content-type': 'application/json; charset=utf-16' },
    { 'content-type': 'application/json;charset="ISO-8859-1"' },
  ])('answers 415 to a body that is not plain JSON in UTF-8: %j', async (headers) => {
    const { post } = await start();
    const refused = await post({ payloads: [] }, headers);
    expect(refused.headers.get('accept-encoding')).toBe('identity');
    expect([refused.status, await refused.json()]).toEqual([
      415,
      { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'the body must be application/json in UTF-8, not compressed' },
    ]);
  });

  test.each([{ 'content-encoding': 'identity' }, { 'content-type': 'application/json; charset=UTF-8' }])(
    'takes plain JSON in UTF-8: %j',
    async (headers) => {
      const { post } = await start();
      expect((await post({ payloads: [] }, headers)).status).toBe(200);
    },
  );

  test('is bounded: bytes, payloads, content type, requests of each caller', async () => {
    const { post } = await start({ limits: { bodyBytes: 5_000, payloads: 3, burst: 6, requestsPerSecond: 0.001 } });
    expect(await codeOf(await post('x'.repeat(5_001)))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await codeOf(await post({ payloads: [{}, {}, {}, {}] }))).toEqual([413, 'BODY_TOO_LARGE']);
    for (const type of ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']) {
      const refused = await post('{"payloads":[]}', { 'content-type': type });
      expect(await codeOf(refused)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    }
    expect((await post({ payloads: [] })).status).toBe(200);
    expect(await codeOf(await post({ payloads: [] }))).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect((await post({ payloads: [] }, { authorization: 'Bearer second-token-for-tests' })).status).toBe(200);
  });

  test('keeps idle connections longer than a balancer, and closes the idlest one for a new one', async () => {
    const { url, post } = await start({ limits: { connections: 2 } });
    expect((await post({ payloads: [] })).headers.get('keep-alive')).toBe('timeout=620');
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    const silentEnded = text(silent);
    await once(silent, 'connect');
    const others = [1, 2].map(() => connect(Number(new URL(url).port), '127.0.0.1'));
    await silentEnded;
    expect((await post({ payloads: [] })).status).toBe(200);
    others.forEach((socket) => socket.destroy());
  });

  test.each([
    ['payloads', '{}'],
    ['numbers', '1'],
    ['lists', '[]'],
    ['fields', '{"a":1,"b":2,"c":3,"d":4}'],
  ])('refuses a million tiny %s before it parses them', async (_what, tiny) => {
    const { post } = await start({ limits: { bodyBytes: 50_000_000 } });
    const answer = await post(`{"payloads":[${Array.from({ length: 1_000_000 }, () => tiny).join(',')}]}`);
    expect(await codeOf(answer)).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('takes as many payloads as it may, with much metadata each', async () => {
    const { post } = await start();
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`field-${String(at)}`, 'AAAA']));
    const payloads = Array.from({ length: 2_000 }, () => ({ metadata, data: 'AAAA' }));
    expect((await post({ payloads })).status).toBe(200);
    expect(await codeOf(await post({ payloads: [...payloads, {}] }))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('logs whose content was read: the messageIds, and nothing else of it', async () => {
    const { post, log } = await start();
    const [one, two, three, four] = ['1', '2', '3', '4'].map(
      (digit) => `${digit.repeat(8)}-aaaa-4bbb-8ccc-dddddddddddd`,
    );
    const payloads = await Promise.all([
      encrypted({ agentId: 'acme', messageId: one, recipient: '+15550100001', contentMessage: { text: TEXT } }, 'new'),
      encrypted({ outcome: 'DELIVERED', messageId: two?.toUpperCase() }, 'new'),
      encrypted({ reference: `message-delivery:acme:${String(three)}`, to: '+15550100001', text: TEXT }, 'old'),
      encrypted({ url: 'https://a.example', body: JSON.stringify({ data: { messageId: four } }) }, 'old'),
      encrypted({ eventId: 'event-1', sendTime: '2026-01-02T03:04:05Z', from: '+15550100001' }, 'old'),
    ]);
    await post({ payloads: payloads.flat() }, { authorization: 'Bearer second-token-for-tests' });
    expect(log()).toMatchObject([{ caller: 'support', payloads: 5, messageIds: [one, two, three, four] }]);
    expect(JSON.stringify(log())).not.toMatch(/marked|5550100|second-token/);
  });

  test('logs every messageId, and none of what came in cleartext', async () => {
    const { post, log } = await start();
    const ids = Array.from({ length: 250 }, () => randomUUID());
    const invented = { metadata: {}, data: Buffer.from(`{"messageId":"${randomUUID()}"}`).toString('base64') };
    const payloads = await Promise.all(ids.map((messageId) => encrypted({ agentId: 'acme', messageId }, 'new')));
    await post({ payloads: [invented, ...payloads.flat()] }, { authorization: 'Bearer second-token-for-tests' });
    const lines = log() as unknown as readonly { readonly messageIds: readonly string[] }[];
    expect(lines.map(({ messageIds }) => messageIds.length)).toEqual([100, 100, 50]);
    expect(lines.flatMap(({ messageIds }) => messageIds)).toEqual(ids);
  });

  test('does not wait for a slow sender', async () => {
    const { url } = await start({ limits: { requestTimeoutMs: 300, headersTimeoutMs: 300 } });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /decode HTTP/1.1\r\nHost: x\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408/);
  });
});

describe('who may', () => {
  test.each([
    ['nobody', ''],
    ['a wrong token', 'Bearer first-token-for-test'],
    ['a longer token', 'Bearer first-token-for-tests1'],
    ['no scheme', 'first-token-for-tests'],
    ['both tokens', 'Bearer first-token-for-tests,second-token-for-tests'],
    ['an empty token', 'Bearer '],
  ])('%s is refused before the body is read', async (_who, given) => {
    const { post, log } = await start();
    const answer = await post('not even JSON', { authorization: given });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await codeOf(answer)).toEqual([401, 'UNAUTHENTICATED']);
    expect(log()).toMatchObject([{ level: 'warn', msg: 'refused', code: 'UNAUTHENTICATED' }]);
    expect(JSON.stringify(log())).not.toMatch(/-token-for/);
  });

  test('each token is recognized', async () => {
    const { post, log } = await start();
    await post({ payloads: [] }, { authorization: 'bearer second-token-for-tests', 'x-namespace': 'a b\tc' });
    expect(log()).toMatchObject([{ caller: 'support', namespace: '(not a namespace)' }]);
  });

  test('everybody, where there are no tokens', async () => {
    const { post, log } = await start({ callers: undefined });
    const answer = await post({ payloads: await encrypted(TEXT, 'new') }, { authorization: '' });
    expect(await valuesIn(answer)).toEqual([TEXT]);
    expect(log()).toMatchObject([{ caller: 'anonymous', namespace: '(none)' }]);
  });
});

describe("a browser's page", () => {
  const preflight = (url: string, origin: string, asked: Record<string, string> = {}, path = '/decode') =>
    fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-namespace',
        ...asked,
      },
    });
  const allowed = (answer: Response) => answer.headers.get('access-control-allow-headers')?.split(', ');

  test("of the UI's origin may, with a token, and may read refusals too", async () => {
    const { url, post } = await start();
    const asked = await preflight(url, UI);
    expect(asked.status).toBe(204);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, authorization-extras, content-type, x-namespace',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network',
    });
    expect(asked.headers.get('access-control-allow-private-network')).toBeNull();
    for (const given of [authorization, 'Bearer wrong']) {
      const answer = await post({ payloads: [] }, { origin: UI, authorization: given });
      expect(answer.status).toBe(given === authorization ? 200 : 401);
      expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
    }
  });

  test.each([
    'https://evil.example.com',
    'http://temporal.example.com',
    'https://temporal.example.com.evil.example',
    'https://temporal.example.com:8443',
    'null',
  ])('of %s may not, whether or not it asks first', async (origin) => {
    // The same where no token is needed: any page might reach this machine's loopback.
    for (const callers of [CALLERS, undefined]) {
      const { url, post } = await start({ callers });
      const answers = [
        await preflight(url, origin),
        await post({ payloads: await encrypted(TEXT, 'new') }, { origin }),
      ];
      for (const answer of answers) {
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(await codeOf(answer)).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
      }
    }
  });

  test.each([
    ['the Web UI, with the tokens of who is logged in', 'authorization,authorization-extras,content-type,x-namespace'],
    ['tracing in the browser', 'content-type,traceparent,tracestate,baggage,x-namespace'],
    ['a later release, with a space', 'x-later, x-csrf-token, caller-type'],
    ['a proxy, in capitals', 'Authorization,Content-Type,X-Namespace'],
  ])('is allowed every header that it asks for: %s', async (_who, names) => {
    const { url } = await start();
    const answer = await preflight(url, UI, { 'access-control-request-headers': names });
    for (const name of names.toLowerCase().split(/, ?/)) expect(allowed(answer)).toContain(name);
    const elsewhere = await preflight(url, 'https://evil.example.com', { 'access-control-request-headers': names });
    expect(elsewhere.headers.get('access-control-allow-headers')).toBeNull();
  });

  test('gets back no header that is no name', async () => {
    const { url } = await start();
    const answer = await preflight(url, UI, {
      'access-control-request-headers': `a b, c\t, ${'d'.repeat(65)}, "e", f`,
    });
    expect(allowed(answer)?.slice(4)).toEqual(['c', 'f']);
  });

  test('may call a server in a private network, if it is of an allowed origin', async () => {
    const { url } = await start();
    const asks = { 'access-control-request-private-network': 'true' };
    for (const path of ['/decode', '//decode/', '/encode']) {
      const answer = await preflight(url, UI, asks, path);
      expect(answer.headers.get('access-control-allow-private-network')).toBe('true');
    }
    const elsewhere = await preflight(url, 'https://evil.example.com', asks);
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.headers.get('access-control-allow-private-network')).toBeNull();
  });

  test('of each of several origins may, and learns its own only', async () => {
    const second = 'http://localhost:8233';
    const { url, post } = await start({ uiOrigins: [UI, second] });
    for (const origin of [UI, second]) {
      expect((await preflight(url, origin)).headers.get('access-control-allow-origin')).toBe(origin);
      const answer = await post({ payloads: [] }, { origin });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    }
  });

  test('may not where no origin is configured', async () => {
    const { url } = await start({ uiOrigins: undefined });
    expect((await preflight(url, UI)).status).toBe(403);
  });
});

test.each([
  ['GET', '/decode'],
  ['PUT', '/decode'],
  ['GET', '/'],
])('%s %s is not there', async (method, path) => {
  const { url } = await start();
  const answer = await fetch(url + path, { method, headers: { authorization } });
  expect(await codeOf(answer)).toEqual([404, 'NOT_FOUND']);
});

test.each([
  '//decode',
  '/decode/',
  '/decode//',
  '/default/decode',
  '/codec//default/decode/?preserveStorageRefs=true',
  '/decode?preserveStorageRefs=true',
])('%s is /decode', async (path) => {
  const { url } = await start();
  const [host, port] = new URL(url).host.split(':');
  // fetch would write the path in its own way.
  const socket = connect(Number(port), host);
  const body = JSON.stringify({ payloads: [plain('x')] });
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${url}`,
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${String(body.length)}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200/);
});

test.each(['/encode', '//encode', '/default/encode', '/download?preserveStorageRefs=true'])(
  '%s says that it decodes only, before the body is read',
  async (path) => {
    const { url } = await start();
    for (const headers of [{ authorization }, {}, { authorization, origin: UI }]) {
      const answer = await fetch(url + path, { method: 'POST', headers, body: 'x'.repeat(8_000_000) });
      expect(answer.status).toBe(405);
      expect(await answer.json()).toEqual({
        code: 'DECODES_ONLY',
        message: expect.stringContaining('this codec server decodes only') as string,
      });
    }
  },
);

test.each(['/decoded', '/', '/decode/x'])('%s is not there, whatever the body: it is not read', async (path) => {
  const { url } = await start();
  for (const [type, body] of [
    ['application/json', '{bad'],
    ['application/json', ''],
    ['application/json', 'x'.repeat(8_000_000)],
    ['nonsense', 'x'],
  ] as const) {
    const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
    expect(await codeOf(answer)).toEqual([404, 'NOT_FOUND']);
  }
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  expect(first.toString()).toMatch(/^HTTP\/1\.1 404/);
  socket.destroy();
});
