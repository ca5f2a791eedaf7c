import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useStack } from '../e2e/support/use-stack.js';
import { EXAMPLES, run } from './support/run-example.js';
import {
  keepsTerminated,
  reportsInvalidNumber,
  revokesAtOnce,
  said,
  startsOneDelivery,
  startsPromotion,
  type Starter,
} from './support/starter.js';

interface Language {
  readonly name: string;
  /** Its flag that revokes the message. */
  readonly revoke: string;
  /** Installs its packages and builds it in a copy of the example's folder. Returns how to run it there. */
  readonly prepare: (folder: string) => Promise<(args: readonly string[]) => { command: string; args: string[] }>;
}

const build = (command: string, args: readonly string[], cwd: string) => run({ command, args, cwd, env: process.env });

const languages: readonly Language[] = [
  {
    name: 'python',
    revoke: '--revoke',
    async prepare(folder) {
      await build('python3', ['-m', 'venv', '.venv'], folder);
      const python = join(folder, '.venv', 'bin', 'python');
      await build(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', 'requirements.txt'], folder);
      await build(python, ['-m', 'pip', 'check'], folder);
      return (args) => ({ command: python, args: ['deliver.py', ...args] });
    },
  },
  {
    name: 'go',
    revoke: '-revoke',
    async prepare(folder) {
      expect(await build('gofmt', ['-l', '.'], folder)).toBe('');
      await build('go', ['vet', './...'], folder);
      await build('go', ['build', '-o', 'deliver', '.'], folder);
      return (args) => ({ command: join(folder, 'deliver'), args: [...args] });
    },
  },
  {
    name: 'java',
    revoke: '--revoke',
    async prepare(folder) {
      // Includes `exec:java`, so that its plugin is installed before the tests run.
      await build('mvn', ['-B', '-q', 'compile', 'exec:help'], folder);
      return (args) => ({ command: 'mvn', args: ['-B', '-q', 'exec:java', `-Dexec.args=${args.join(' ')}`] });
    },
  },
];

const stack = useStack();
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rcs-examples-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe.each(languages)('$name', ({ name, revoke, prepare }) => {
  let starter: Starter;
  beforeAll(async () => {
    const cwd = join(root, name);
    await cp(join(EXAMPLES, name), cwd, {
      recursive: true,
      filter: (path) => !/[/\\](?:\.venv|target)$/.test(path),
    });
    const commandFor = await prepare(cwd);
    starter = (args, env) => run({ ...commandFor(args), cwd, env });
  });

  test('starting it again returns the same delivery', async () => {
    expect(await startsOneDelivery(stack(), starter)).toMatch(said({ outcome: 'DELIVERED by RCS' }));
  });

  test('a promotion starts on the queue of promotions', () => startsPromotion(stack(), starter));

  test('revoked at once, then the SMS', async () => {
    expect(await revokesAtOnce(stack(), starter, revoke)).toMatch(
      said({ outcome: 'DELIVERED_BY_SMS by SMS', revoked: true }),
    );
  });

  test('an invalid phone number is reported, and does not use the message up', () =>
    reportsInvalidNumber(stack(), starter));

  test('a delivery that was terminated is not started again', () => keepsTerminated(stack(), starter));
});
