import { expect, test } from 'vitest';
import { relativeTime, sinceStart } from '../../src/cli/format.js';

test.each([
  [0, 'now'],
  [-999, 'now'],
  [5_000, 'in 5s'],
  [-65_000, '1m 5s ago'],
  [3_600_000, 'in 1h'],
  [3_605_000, 'in 1h'],
  [90_061_000, 'in 1d 1h'],
])('%i ms is %s', (ms, words) => {
  expect(relativeTime(ms)).toBe(words);
});

test('a timeline counts from its first entry', () => {
  expect([0, 12_400, 65_000].map(sinceStart)).toEqual(['+0.0s', '+12.4s', '+1m 5s']);
});
