import { expect, test } from 'vitest';
import { exchange } from '../../src/http/exchange.js';
import { httpsOnly } from '../../src/http/https-only.js';

const asked: string[] = [];
const fetch: typeof globalThis.fetch = (input) => {
  asked.push(input instanceof Request ? input.url : String(input));
  return Promise.resolve(new Response('{}'));
};
const guarded = httpsOnly(fetch, (host) => host === 'gateway.internal');
const answerOf = (url: string) => exchange({ url, method: 'GET', headers: {}, timeoutMs: 1_000, fetch: guarded });

test.each([
  'https://example.com/',
  'http://gateway.internal:8080/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://metadata.google.internal/computeMetadata/v1/',
])('sends to %s', async (url) => {
  expect(await answerOf(url)).toMatchObject({ status: 200 });
  expect(asked.at(-1)).toBe(url);
});

test.each([
  'http://example.com/',
  'HTTP://example.com/',
  'http://gateway.internal.example.com/',
  'http://169.254.169.254.example.com/',
  'http://[2001:db8::1]/',
  'ftp://example.com/',
])('sends nothing to %s, and says so', async (url) => {
  asked.length = 0;
  const error = { name: 'NoAnswerError', reached: false, message: 'EHTTP_NOT_ALLOWED' };
  await expect(answerOf(url)).rejects.toMatchObject(error);
  await expect(guarded(new Request('http://example.com/'))).rejects.toThrow('fetch failed');
  expect(asked).toEqual([]);
});
