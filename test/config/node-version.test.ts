import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeWarning } from '../../src/config/node-version.js';

const now = Date.parse('2026-11-29');
const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each([
  ['20.19.0', 'Node.js 20 has had no security fixes since 2026-04-30: use Node.js 24'],
  ['18.20.8', 'Node.js 18 gets no security fixes: use Node.js 24'],
  ['23.1.0', 'Node.js 23 gets no security fixes: use Node.js 24'],
  ['22.15.0', undefined],
  ['24.0.0', undefined],
  ['26.10.0', undefined],
])('Node.js %s: %s', (version, warning) => {
  expect(nodeWarning(version, now)).toBe(warning);
});

test('a version gets a warning when its time is over', () => {
  expect(nodeWarning('22.15.0', Date.parse('2027-05-01'))).toMatch(/since 2027-04-30/);
  expect(nodeWarning('24.21.0', Date.parse('2028-05-01'))).toMatch(/since 2028-04-30/);
});

test('the image, .nvmrc and the tests on Node.js 24 use the same version, which gets fixes', () => {
  const version = file('.nvmrc').trim();
  expect(nodeWarning(version, now)).toBeUndefined();
  const bases = [...file('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map(([, base]) => base);
  expect(bases).toEqual([version]);
  const { optionalDependencies } = JSON.parse(file('dev/node24/package.json')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
});
