import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/http/retry-after.js';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const read = (value: string, date?: string) =>
  retryAfterMs(new Headers({ 'retry-after': value, ...(date !== undefined && { date }) }), NOW);

test.each([
  ['0', 0],
  ['7', 7_000],
  ['1.5', 1_500],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ['Friday, 02-Jan-26 03:04:35 GMT', 30_000],
  ['Fri Jan  2 03:04:35 2026', 30_000],
  ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
  ['999999999999', 86_400_000],
])('%s means %i ms', (value, ms) => {
  expect(read(value)).toBe(ms);
});

test('a date is measured against the clock of the server that gave it', () => {
  expect(read('Fri, 02 Jan 2026 05:00:10 GMT', 'Fri, 02 Jan 2026 05:00:00 GMT')).toBe(10_000);
});

test.each(['', 'soon', '-1', '1s', '1e3', 'try 1', 'Fri, 99 Foo 2026 03:04:35 GMT'])('%o means nothing', (value) => {
  expect(read(value)).toBeUndefined();
});

test('without the header it is undefined', () => {
  expect(retryAfterMs(new Headers(), NOW)).toBeUndefined();
});

test('it is never negative, never more than a day, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (value) => {
      const ms = read(value);
      expect(ms === undefined || (ms >= 0 && ms <= 86_400_000)).toBe(true);
    }),
  );
});
