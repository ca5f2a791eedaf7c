import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { build, PROGRAM, run } from './program.js';

beforeAll(build);

/** What a real bash would offer after these words, of which the last is not finished. */
function offered(...words: string[]): string[] {
  const script = `
    source <("$NODE" "$PROGRAM" completion bash)
    complete -p rcs-delivery >/dev/null || exit 1
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _rcs_delivery 2>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: process.env['PATH'], NODE: process.execPath, PROGRAM };
  const shown = execFileSync('bash', ['--norc', '-c', script, 'bash', 'rcs-delivery', ...words], {
    env,
    encoding: 'utf8',
  });
  return shown.split('\n').filter((line) => line !== '');
}

test.each([
  [['se'], ['send', 'setup']],
  [
    ['send', '--t'],
    ['--to', '--text', '--traffic-type', '--ttl'],
  ],
  [
    ['send', '--traffic-type', 'A'],
    ['AUTHENTICATION', 'ACKNOWLEDGEMENT'],
  ],
  [['send', '--traffic-type', '=', 'T'], ['TRANSACTION']],
  [['send', '--file', '/etc/host'], expect.arrayContaining(['/etc/hosts'])],
  [['send', '-f', '/etc/host'], expect.arrayContaining(['/etc/hosts'])],
  [
    ['list', '--status', 'UN'],
    ['UNCERTAIN', 'UNDELIVERABLE'],
  ],
  [
    ['list', '--status', 'DELIVERED,UN'],
    ['DELIVERED,UNCERTAIN', 'DELIVERED,UNDELIVERABLE'],
  ],
  [['revoke', '--fallback', 'sms,n'], []],
  [['list', '--limit', ''], []],
  [
    ['revoke', '--fallback', ''],
    ['sms', 'none'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', '--help'],
  ],
])('bash completes %j', (words, expected) => {
  expect(offered(...words)).toEqual(expected);
});

test('every command of the help is completed, in each shell', async () => {
  const { stdout: help } = await run(['--help']);
  const commands = [...help.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');
  expect(commands.length).toBeGreaterThan(8);
  expect(offered('')).toEqual(expect.arrayContaining(commands));
  for (const shell of ['zsh', 'fish']) {
    const { code, stdout } = await run(['completion', shell]);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`(seen_subcommand_from |^ +)${command}\\b`, 'm'));
  }
});
