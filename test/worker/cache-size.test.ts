import { expect, test } from 'vitest';
import { cacheSizeFor, memoryOfThisProcess } from '../../src/worker/cache-size.js';

const GIGABYTE = 1024 ** 3;

test.each([
  { memory: 0.25 * GIGABYTE, size: 500 },
  { memory: GIGABYTE, size: 2_496 },
  { memory: 2 * GIGABYTE, size: 6_592 },
  { memory: 64 * GIGABYTE, size: 8_000 },
])('a worker with $memory bytes of memory caches $size workflows', ({ memory, size }) => {
  expect(cacheSizeFor(memory)).toBe(size);
});

test('this process has some memory, limited or not', () => {
  expect(memoryOfThisProcess()).toBeGreaterThan(GIGABYTE / 4);
  expect(Number.isSafeInteger(memoryOfThisProcess())).toBe(true);
});
