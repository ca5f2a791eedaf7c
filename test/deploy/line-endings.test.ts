import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let clone: string;
const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' });

/** As Git for Windows is set up by default. */
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'clone-'));
  git('clone', '--quiet', '-c', 'core.autocrlf=true', '.', clone);
});
afterAll(() => rm(clone, { recursive: true }));

/** The files of the clone, and what ends their lines in it: `w/lf`, `w/crlf`, or `w/-text` for no text. */
const files = () =>
  git('-C', clone, 'ls-files', '--eol')
    .trim()
    .split('\n')
    .map((line) => {
      const [, ending = '', name = ''] = /^\S+\s+(\S+).*\t(.*)$/.exec(line) ?? [];
      return { name, ending };
    });

test('no file of a clone with core.autocrlf=true has a carriage return', async () => {
  const ending = (end: string) => files().filter((file) => file.ending === end);
  expect(ending('w/lf').length).toBeGreaterThan(100);
  expect(files().filter((file) => !['w/lf', 'w/-text', 'w/none'].includes(file.ending))).toEqual([]);
  for (const { name } of ending('w/lf')) expect((await readFile(join(clone, name))).includes('\r')).toBe(false);
});

test('each shell script of such a clone can be read by its shell', async () => {
  const scripts: string[] = [];
  for (const { name, ending } of files()) {
    if (ending !== 'w/lf') continue;
    const [, shell] = /^#!.*\b(sh|bash)\n/.exec(await readFile(join(clone, name), 'utf8')) ?? [];
    if (shell === undefined) continue;
    scripts.push(name);
    execFileSync(shell, ['-n', join(clone, name)], { stdio: 'pipe' });
  }
  expect(scripts).toEqual(
    expect.arrayContaining(['.ci/run', 'deploy/temporal-namespace.sh', 'deploy/temporal-schema.sh']),
  );
});
