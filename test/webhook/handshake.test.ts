import { expect, test } from 'vitest';
import { CLIENT_TOKEN, post } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const shake = (url: string, body: unknown) =>
  post(`${url}/webhooks/rbm`, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

test('the handshake is answered with the bare secret as plain text', async () => {
  const { url, counted } = await startWebhook();
  const answer = await shake(url, { clientToken: CLIENT_TOKEN, secret: '1234567890' });
  expect(answer.status).toBe(200);
  expect(answer.text).toBe('1234567890');
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await counted({ kind: 'handshake', verdict: 'answered' })).toBe(1);
});

test('while a token is rotated, both are accepted', async () => {
  const { url } = await startWebhook({ rbm: { clientTokens: ['new-token', 'old-token'] } });
  for (const clientToken of ['new-token', 'old-token']) {
    expect(await shake(url, { clientToken, secret: 's3cret' })).toMatchObject({ status: 200, text: 's3cret' });
  }
  expect((await shake(url, { clientToken: 'retired-token', secret: 's3cret' })).status).toBe(403);
});

test.each(['', 'test-client-toke', 'test-client-token ', 'TEST-CLIENT-TOKEN'])(
  'a wrong clientToken is answered 403 and learns nothing (%j)',
  async (clientToken) => {
    const { url, logs } = await startWebhook();
    const answer = await shake(url, { clientToken, secret: 'the-secret' });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('the-secret');
    expect(logs()).not.toContain('the-secret');
  },
);

test.each([
  ['empty', ''],
  ['longer than 1 KiB', 'x'.repeat(1025)],
  ['with a line break', 'a\r\nset-cookie: x'],
  ['not ASCII', 'sécret'],
])('a secret that is %s is not echoed, even with the right token', async (_, secret) => {
  const { url } = await startWebhook();
  const answer = await shake(url, { clientToken: CLIENT_TOKEN, secret });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toEqual({ code: 'MALFORMED', message: expect.any(String) as string });
});

test('a secret or token that is not a string is not a handshake', async () => {
  const { url } = await startWebhook();
  expect((await shake(url, { clientToken: CLIENT_TOKEN, secret: { a: 1 } })).status).toBe(400);
  expect((await shake(url, { clientToken: [CLIENT_TOKEN], secret: 'x' })).status).toBe(400);
});
