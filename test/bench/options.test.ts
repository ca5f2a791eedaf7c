import { expect, test } from 'vitest';
import { benchOptions, USAGE } from '../../bench/options.js';

test('without options every part runs, and the herd compares all variants', () => {
  const { parts, variants, extent } = benchOptions([]);
  expect(parts).toEqual(['cost', 'growth', 'herd', 'hanging']);
  expect(variants.map(({ name }) => name)).toEqual(['as-is', 'one-queue', 'no-spread', 'late-is-outage']);
  expect(extent).toBe('usual');
});

test('a smoke run compares nothing', () => {
  const { variants, extent } = benchOptions(['--quick']);
  expect(variants.map(({ name }) => name)).toEqual(['as-is']);
  expect(extent).toBe('quick');
});

test('parts and variants can be chosen', () => {
  const { parts, variants, seed } = benchOptions([
    '--only',
    'herd, cost',
    '--variants',
    'as-is,no-spread',
    '--seed',
    '7',
  ]);
  expect(parts).toEqual(['cost', 'herd']);
  expect(variants.map(({ name }) => name)).toEqual(['as-is', 'no-spread']);
  expect(seed).toBe(7);
});

test.each([
  [['--only', 'price'], 'price is none of cost, growth, herd, hanging'],
  [['--variants', 'fast'], 'fast is none of as-is'],
  [['--seed', 'x'], '--seed must be a whole number'],
  [['--quick', '--full'], '--quick and --full exclude each other'],
  [['--fast'], 'fast'],
])('%j is refused by name', (args, problem) => {
  expect(() => benchOptions(args)).toThrow(problem);
});

test('the help fits into 80 columns', () => {
  expect(USAGE.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
