import { describe, expect, test } from 'vitest';
import { latenessOf, quantile, spreadOf } from '../../bench/measure/spread.js';

describe('quantile', () => {
  test('is a value itself where the values allow that', () => {
    expect(quantile([30, 10, 20], 0.5)).toBe(20);
    expect(quantile([30, 10, 20], 0)).toBe(10);
    expect(quantile([30, 10, 20], 1)).toBe(30);
  });
  test('lies between two values otherwise', () => {
    expect(quantile([10, 20], 0.5)).toBe(15);
    expect(quantile([0, 100], 0.99)).toBeCloseTo(99);
  });
  test('does not sort as text', () => {
    expect(quantile([9, 10, 100], 0.5)).toBe(10);
  });
  test('throws for no values', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

test('a spread has the median, the least and the most', () => {
  expect(spreadOf([3, 1, 2, 10])).toEqual({ median: 2.5, min: 1, max: 10 });
});

describe('lateness', () => {
  test('counts what never came, and leaves it out of the quantiles', () => {
    expect(latenessOf([5, undefined, 15])).toEqual({ count: 2, missing: 1, p50: 10, p99: 14.9, max: 15 });
  });
  test('has no quantiles if nothing came', () => {
    expect(latenessOf([undefined])).toEqual({ count: 0, missing: 1, p50: NaN, p99: NaN, max: NaN });
  });
});
