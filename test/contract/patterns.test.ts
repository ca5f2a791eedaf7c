import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationUpTo } from '../../dev/build/duration-pattern.js';
import { DAY } from '../../src/contract/duration.js';
import { E164_PATTERN, SMS_SENDER_PATTERN } from '../../src/contract/patterns.js';

/** In their shortest words, which take lookahead. */
const CODE =
  /^\+(?:1|7|2(?:0|7|1[1-368]|[2-4]\d|5[0-8]|6\d|9[01]|9[7-9])|3(?:[0-469]|5\d|7[0-8]|8[0-35-79])|4(?:[013-9]|2[013])|5(?:[1-8]|0\d|9\d)|6(?:[0-6]|7[02-9]|8[0-35-9]|9[0-2])|8(?:[1246]|0[08]|5[02356]|7[08]|8[0-368])|9(?:[0-58]|6[0-8]|7[0-79]|9[2-68]))/;
const E164 = new RegExp(`${CODE.source.replace('+', '+(?=\\d{7,15}$)')}\\d+$`);
const SENDER = /^(?:\+\d{3,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&.-]{1,11})$/;

/** Of a number's digits, those after the third only count: any of them is every other one. */
test('E.164: an assigned calling code, and 7 to 15 digits, for every beginning and every length', () => {
  const beginnings = Array.from({ length: 1000 }, (_, digits) => String(digits).padStart(3, '0'));
  const numbers = beginnings.flatMap((digits) =>
    Array.from({ length: 18 }, (_, length) => `+${digits.padEnd(length, '5').slice(0, length)}`),
  );
  expect(numbers.filter((number) => E164_PATTERN.test(number) !== E164.test(number))).toEqual([]);
  expect(numbers.filter((number) => E164.test(number)).length).toBeGreaterThan(5_000);
});

/** Of a sender, only the kind of each character counts: every word of up to five kinds, then longer ones. */
test('SMS sender: as many characters as its kind may have, with a letter or without', () => {
  const words = (length: number): string[] =>
    length === 0
      ? ['']
      : words(length - 1).flatMap((word) => ['+', '7', 'a', '-', '·'].map((character) => word + character));
  const repeated = fc
    .array(fc.tuple(fc.constantFrom('+', '7', 'a', 'Z', ' ', '-', '_', '&', '.', ',', '·', '\n', '٣'), fc.nat(8)), {
      maxLength: 4,
    })
    .map((parts) => parts.map(([character, times]) => character.repeat(times)).join(''));
  const same = (sender: string) => {
    expect([sender, SMS_SENDER_PATTERN.test(sender)]).toEqual([sender, SENDER.test(sender)]);
  };
  for (const length of [0, 1, 2, 3, 4, 5]) words(length).forEach(same);
  fc.assert(fc.property(repeated, same), { numRuns: 20_000 });
});

/** Exactly: durations have nine decimals. */
const nanoseconds = (whole: number, decimals: string) => BigInt(whole) * 10n ** 9n + BigInt(decimals.padEnd(9, '0'));

test('a duration up to so many milliseconds', () => {
  const near = fc.oneof(fc.constantFrom(0, 1, 999, 1000, 30_000, DAY, 7 * DAY, 15 * DAY), fc.nat(20 * DAY));
  const decimals = fc.oneof(
    fc.array(fc.nat(9), { maxLength: 9 }).map((digits) => digits.join('')),
    fc.constantFrom('', '0', '999', '999000000', '999000001', '000000001'),
  );
  const away = fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -2_000_000, max: 2_000_000 }));
  fc.assert(
    fc.property(near, away, decimals, (ms, by, fraction) => {
      const whole = Math.max(0, Math.floor(ms / 1000) + by);
      const duration = `${whole}${fraction && `.${fraction}`}s`;
      const within = nanoseconds(whole, fraction) <= BigInt(ms) * 10n ** 6n;
      expect([duration, new RegExp(durationUpTo(ms)).test(duration)]).toEqual([duration, within]);
    }),
    { numRuns: 20_000 },
  );
});

test.each(['', 's', '5', '05s', '5.s', '.5s', '-1s', '5s ', '5.0000000001s', '1e1s', '٣s'])(
  '%j is no duration',
  (text) => {
    expect(new RegExp(durationUpTo(DAY)).test(text)).toBe(false);
  },
);
