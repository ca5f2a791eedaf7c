import { expect, test } from 'vitest';
import { createRateLimit } from '../../src/codec-server/limits.js';

test('grants a burst, then so many per second, to each caller', () => {
  let now = 0;
  const limit = createRateLimit({ perSecond: 2, burst: 3, now: () => now });
  const granted = (caller: string) => Array.from({ length: 10 }, () => limit.allows(caller)).filter(Boolean).length;
  expect(granted('a')).toBe(3);
  expect(granted('b')).toBe(3);
  now += 1_000;
  expect(granted('a')).toBe(2);
  now += 60_000;
  expect(granted('a')).toBe(3);
});
