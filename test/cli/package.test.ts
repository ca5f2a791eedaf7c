import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { build, PROGRAM } from './program.js';

beforeAll(build);

/** The packages that `file` loads at its start: its static imports, followed through the files of this project. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s[^;]*?from '([^']+)';/gm)) {
    if (!specifier.startsWith('.')) packages.add(specifier);
    else for (const name of packagesOf(join(dirname(file), specifier), seen)) packages.add(name);
  }
  return packages;
}
const distFile = (path: string) => join(dirname(PROGRAM), '..', path);
const heavy = [
  '@temporalio/worker',
  '@temporalio/workflow',
  '@temporalio/activity',
  'fastify',
  'pino',
  'twilio',
  'google-auth-library',
];

test.each(['cli/main.js', 'cli/client-access.js', 'index.js'])('%s does not load the worker', (path) => {
  const packages = [...packagesOf(distFile(path))];
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter((name) => heavy.includes(name))).toEqual([]);
});

test('help and usage errors load no SDK at all', () => {
  expect([...packagesOf(PROGRAM)].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
});

test('every entry of the package is built', () => {
  const { exports } = JSON.parse(readFileSync(distFile('../package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string; default: string }>;
  };
  const files = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)));
  expect(files.filter((file) => !existsSync(distFile(join('..', file))))).toEqual([]);
  expect(Object.keys(exports)).toEqual(
    expect.arrayContaining(['.', './workflows', './activities', './worker', './webhook']),
  );
});

test('the program is executable, and a second build changes nothing', () => {
  const { mode } = statSync(PROGRAM);
  expect(mode & 0o111).not.toBe(0);
  expect(readFileSync(PROGRAM, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  const times = () =>
    [PROGRAM, distFile('workflow-bundle.js'), distFile('.built-from')].map((file) => statSync(file).mtimeMs);
  const before = times();
  build();
  expect(times()).toEqual(before);
});

test('the workflow bundle names no folder of the machine that built it', () => {
  const [code = ''] = readFileSync(distFile('workflow-bundle.js'), 'utf8').split('//# sourceMappingURL=');
  expect(code).toContain('messageDelivery');
  expect(code).not.toContain(dirname(dirname(dirname(PROGRAM))));
});
