import { describe, expect, test } from 'vitest';
import type { SmsReason } from '../../src/contract/failures.js';
import { TWILIO_CODES, twilioCause } from '../../src/sms/twilio-codes.js';

const codes = Object.entries(TWILIO_CODES).flatMap(([reason, named]) =>
  Object.keys(named).map((code) => [Number(code), reason] as const),
);

test('every code has one reason', () => {
  expect(new Set(codes.map(([code]) => code)).size).toBe(codes.length);
});

test.each(codes)('%i: %s', (code, reason) => {
  for (const status of [400, 401, 403, 404, 429]) expect(twilioCause(status, code)).toEqual({ reason });
  // A front end may answer 5xx to a request that was accepted, whatever its body says.
  for (const status of [408, 409, 500, 503]) expect(twilioCause(status, code)).toEqual({ kind: 'unanswered' });
});

/** The choices that docs/sms-providers.md explains. A wrong one loses an SMS, or sends one to a person who said STOP. */
describe('what is whose fault', () => {
  test.each<[SmsReason, number[]]>([
    ['recipient', [21211, 21614, 21635]],
    ['optedOut', [21610]],
    ['content', [21617]],
    ['account', [20003, 21408, 21608, 21609, 63038]],
    ['sender', [21212, 21603, 21606, 21612, 21659, 21660, 21703]],
    ['throttled', [14107, 20429, 21611]],
  ])('%s: %j', (reason, named) => {
    expect(Object.keys(TWILIO_CODES[reason as keyof typeof TWILIO_CODES]).map(Number)).toEqual(
      expect.arrayContaining(named),
    );
  });
});

test.each<[number, number | undefined, SmsReason]>([
  [400, 21999, 'recipient'],
  [403, 21999, 'recipient'],
  [429, 21999, 'throttled'],
  [400, 30999, 'recipient'],
  [400, undefined, 'recipient'],
  [401, 20999, 'account'],
  [401, undefined, 'account'],
  [402, undefined, 'account'],
  [403, undefined, 'account'],
  [404, undefined, 'account'],
  [405, undefined, 'account'],
  [404, 20999, 'account'],
  [307, undefined, 'account'],
  [429, undefined, 'throttled'],
])('%i with the unknown code %s: %s', (status, code, reason) => {
  expect(twilioCause(status, code)).toEqual({ reason });
});
