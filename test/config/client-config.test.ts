import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readClientConfig, readStarterConfig } from '../../src/config/client-config.js';
import { problemsOf } from './problems.js';

const RECIPIENT_HASH_KEY = randomBytes(32).toString('base64');
const production = { NODE_ENV: 'production' };

test('a client reads its task queue and its hash key', () => {
  expect(readClientConfig({ TASK_QUEUE: 'mine', RECIPIENT_HASH_KEY })).toMatchObject({
    taskQueue: 'mine',
    recipientHashKey: RECIPIENT_HASH_KEY,
  });
  expect(readClientConfig({})).not.toHaveProperty('recipientHashKey');
});

describe('RECIPIENT_HASH_KEY', () => {
  test.each(['production', 'Production', ' production '])('is required to start deliveries in %s', (NODE_ENV) => {
    expect(readStarterConfig({ NODE_ENV, RECIPIENT_HASH_KEY })).toHaveProperty('recipientHashKey', RECIPIENT_HASH_KEY);
    for (const missing of [{}, { RECIPIENT_HASH_KEY: '' }, { RECIPIENT_HASH_KEY: ' ' }]) {
      expect(problemsOf(() => readStarterConfig({ NODE_ENV, ...missing })).problems).toEqual({
        RECIPIENT_HASH_KEY: expect.stringMatching(/^is missing: with NODE_ENV=production .*openssl/) as string,
      });
    }
  });

  test.each(['', 'development', 'test', 'staging'])('is optional where NODE_ENV is %j', (NODE_ENV) => {
    expect(readStarterConfig({ NODE_ENV })).not.toHaveProperty('recipientHashKey');
  });

  test('is optional for commands that start nothing', () => {
    expect(readClientConfig(production)).not.toHaveProperty('recipientHashKey');
  });

  test('is reported together with everything else that is wrong', () => {
    const { problems } = problemsOf(() => readStarterConfig({ ...production, TEMPORAL_ADDRESS: 'http://xx' }));
    expect(Object.keys(problems)).toEqual(['RECIPIENT_HASH_KEY', 'TEMPORAL_ADDRESS']);
  });

  test.each([
    ['base64', randomBytes(32).toString('base64')],
    ['base64 for URLs', randomBytes(32).toString('base64url')],
    ['hex', randomBytes(32).toString('hex')],
    ['longer', randomBytes(64).toString('base64')],
  ])('may be %s', (_form, key) => {
    expect(readStarterConfig({ ...production, RECIPIENT_HASH_KEY: ` ${key}\n` }).recipientHashKey).toBe(key);
  });

  test.each([
    ['a word', 'marked-key'],
    ['a sentence', 'marked key of many words, each of them in a dictionary'],
    ['31 bytes', `marked${randomBytes(31).toString('base64').slice(6)}`],
    ['31 bytes in hex', randomBytes(31).toString('hex')],
    ['half as many in hex as in base64', randomBytes(24).toString('hex')],
    ['zeros', Buffer.alloc(32).toString('base64')],
    ['a placeholder', 'marked'.repeat(10)],
  ])('must not be %s in production, and is not repeated; elsewhere it may', (_what, key) => {
    const { problems, message } = problemsOf(() => readStarterConfig({ ...production, RECIPIENT_HASH_KEY: key }));
    expect(problems).toEqual({ RECIPIENT_HASH_KEY: expect.stringMatching(/^must be .*32 bytes/) as string });
    expect(message).not.toContain(key.slice(0, 6));
    for (const read of [readClientConfig, readStarterConfig]) {
      expect(read({ RECIPIENT_HASH_KEY: key }).recipientHashKey).toBe(key);
    }
  });

  test.each([',', ' , ', ',\n,'])('%j is refused with what it must be', (given) => {
    const { problems } = problemsOf(() => readClientConfig({ RECIPIENT_HASH_KEY: given }));
    expect(problems).toEqual({ RECIPIENT_HASH_KEY: expect.stringMatching(/^must be a random key/) as string });
  });

  test('may be several while it is rotated, each of them strong in production', () => {
    const [current, former] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')];
    const both = `${current}, ${former}`;
    expect(readStarterConfig({ ...production, RECIPIENT_HASH_KEY: both }).recipientHashKey).toBe(both);
    for (const wrong of [`${current},marked-key`, `${current}\nmarked-key`]) {
      const { problems } = problemsOf(() => readStarterConfig({ ...production, RECIPIENT_HASH_KEY: wrong }));
      expect(Object.keys(problems)).toEqual(['RECIPIENT_HASH_KEY']);
    }
  });
});
