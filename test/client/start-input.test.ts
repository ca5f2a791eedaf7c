import { describe, expect, test } from 'vitest';
import { checkedStart } from '../../src/client/start-input.js';
import { InvalidInputError } from '../../src/index.js';

const message = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
};
/** Takes what JavaScript may pass. */
const inputOf = (fields: object) => checkedStart({ ...message, ...fields }, undefined).input;
const problemsOf = (fields: object) => {
  try {
    inputOf(fields);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ field, problem }) => `${field} ${problem}`);
    throw error;
  }
  return [];
};

test.each([
  [60, '60s'],
  [90.5, '90.5s'],
  [1.1, '1.1s'],
  [0.07, '0.07s'],
  [1.005, '1.005s'],
  [1e-7, '0.001s'],
  [15 * 86_400, '1296000s'],
])('ttlSeconds: %d is the ttl "%s"', (ttlSeconds, ttl) => {
  expect(inputOf({ ttlSeconds })).toEqual({ ...message, ttl });
});

test('null counts as absent', () => {
  const nothing = { messageTrafficType: null, expireTime: null, fallback: null };
  expect(inputOf({ ...nothing, ttl: '60s', ttlSeconds: null })).toEqual({ ...message, ttl: '60s' });
  expect(inputOf({ ...nothing, ttl: null, ttlSeconds: 60 })).toEqual({ ...message, ttl: '60s' });
});

test.each([
  ['\u202a+1 555 010 9999\u202c', '+15550109999'],
  ['+1\u00a0(555)\u2011010-9999', '+15550109999'],
  ['\u200e12345', '12345'],
  ['ACME Bank', 'ACME Bank'],
])('the sender %j is %s', (sender, plain) => {
  const fallback = { sms: { text: 'Hello', sender } };
  expect(inputOf({ ttl: '60s', fallback }).fallback?.sms.sender).toBe(plain);
});

describe('refused', () => {
  test.each([0, -1, Number.NaN, Infinity, 1_296_000.001, '60', true])('ttlSeconds: %j', (ttlSeconds) => {
    expect(problemsOf({ ttlSeconds })).toEqual([
      'ttlSeconds must be a number of seconds, more than 0 and at most 1296000',
    ]);
  });

  test('a sender that is neither a number nor a name', () => {
    const fallback = { sms: { text: 'Hello', sender: '\u202aACME\u202c' } };
    expect(problemsOf({ ttl: '60s', fallback })).toEqual([expect.stringMatching(/^fallback\.sms\.sender must be/)]);
  });

  test('two expiries', () => {
    expect(problemsOf({ ttlSeconds: 60, ttl: '60s' })).toEqual(['ttlSeconds must not be given beside ttl']);
    const expireTime = new Date(Date.now() + 60_000);
    expect(problemsOf({ ttlSeconds: 60, expireTime })).toEqual(['ttlSeconds must not be given beside expireTime']);
  });

  test('a number as ttl, whatever its unit was meant to be', () => {
    for (const ttl of [600, 600_000, '600']) {
      expect(problemsOf({ ttl })).toEqual(['ttl must be a text with its unit, such as "600s" for 600 seconds']);
    }
  });

  test('together with every other field', () => {
    const fields = { ttlSeconds: 0, recipient: 'xx', contentMessage: {} };
    expect(problemsOf(fields).map((problem) => problem.split(' ')[0])).toEqual(
      expect.arrayContaining(['recipient', 'contentMessage', 'ttlSeconds']),
    );
  });
});
