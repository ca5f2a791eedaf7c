import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { toJson } from '../../src/codec-server/decode.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { keyText, testKeys } from '../encryption/test-keys.js';
import { WAIT } from '../support/wait.js';
import { endAll, PROGRAM, run, serve } from './program.js';

afterEach(endAll);

const variables = {
  PAYLOAD_ENCRYPTION_KEYS: keyText('current'),
  CODEC_SERVER_TOKENS: 'a-token-for-tests-only',
  CODEC_SERVER_PORT: '0',
};

test('codec-server decrypts, logs only JSON and exits with 0 on SIGTERM', async () => {
  const server = serve(['codec-server'], variables);
  const line = await server.said('codec server listening');
  expect(line).toMatchObject({ role: 'codec-server', keyIds: ['current'], callers: ['caller 1'] });
  const clear = defaultPayloadConverter.toPayload('marked text');
  const sealed = await createPayloadCodec({ keys: testKeys('current') }).encode([clear]);
  const answer = await fetch(`http://${String((line['listening'] as string[])[0])}/decode`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer a-token-for-tests-only' },
    body: JSON.stringify({ payloads: sealed.map(toJson) }),
  });
  expect(await answer.json()).toEqual({ payloads: [toJson(clear)] });
  const { code, stdout, stderr } = await server.end();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(server.log.at(-1)).toMatchObject({ msg: 'codec server stopped' });
  expect(stdout).not.toMatch(/marked text|a-token-for|decode:/);
  expect(stdout).not.toContain(keyText('current').slice('current:'.length));
});

test('after SIGTERM /readyz answers 503, and the port stays open for the delay', async () => {
  const server = serve(['codec-server'], { ...variables, CODEC_SERVER_SHUTDOWN_DELAY: '3s' });
  const url = `http://${String(((await server.said('codec server listening'))['listening'] as string[])[0])}`;
  const statusOf = async (path: string) => (await fetch(url + path, { headers: { connection: 'close' } })).status;
  expect([await statusOf('/healthz'), await statusOf('/readyz')]).toEqual([200, 200]);
  const end = server.end();
  expect(await server.said('shutting down')).toMatchObject({ delayMs: 3_000 });
  expect([await statusOf('/healthz'), await statusOf('/readyz'), await statusOf('/decode')]).toEqual([200, 503, 404]);
  expect(await end).toMatchObject({ code: 0, stderr: '' });
});

test('codec-server without tokens, on more than loopback, exits with 2', async () => {
  const { PAYLOAD_ENCRYPTION_KEYS } = variables;
  const open = { PAYLOAD_ENCRYPTION_KEYS, CODEC_SERVER_ALLOW_ANONYMOUS: 'true', CODEC_SERVER_HOST: '0.0.0.0' };
  expect(await run(['codec-server'], open)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('CODEC_SERVER_HOST must be a loopback address') as string,
  });
});

test.skipIf(!existsSync('/dev/full'))('a log that can not be written stops nothing', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM, 'codec-server'], {
    env: { ...variables, PATH: process.env['PATH'], CODEC_SERVER_PORT: String(port), LOG_LEVEL: 'trace' },
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
  });
  const ended = once(child, 'close');
  const stderr = child.stderr === null ? '' : text(child.stderr);
  const url = `http://127.0.0.1:${String(port)}`;
  await vi.waitFor(async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  }, WAIT);
  for (let count = 0; count < 5; count += 1) {
    const answer = await fetch(`${url}/decode`, { method: 'POST', headers: { authorization: 'Bearer wrong' } });
    expect(answer.status).toBe(401);
  }
  child.kill();
  expect([await ended, await stderr]).toEqual([[0, null], '']);
});
