import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Cleanups } from '../../dev/stack/cleanups.js';
import { shellBlocks } from '../docs/pages.js';
import { writeTemporal } from '../support/temporal-program.js';

/** Runs the one command of docs/operations.md that contains all of the words, with changes, and returns what it prints. */
export type Runbook = (words: readonly string[], change?: (command: string) => string) => Promise<string>;

/** The runbook's commands, run with these variables. */
export async function openRunbook(cleanups: Cleanups, env: Readonly<Record<string, string>>): Promise<Runbook> {
  const bin = cleanups.add(await mkdtemp(join(tmpdir(), 'runbook-')), (dir) => rm(dir, { recursive: true }));
  await writeTemporal(bin);
  const PATH = [bin, process.env['PATH']].join(delimiter);
  return async (words, change = (command) => command) => {
    const command = change(commandWith(words));
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', command], {
      env: { ...env, PATH, HOME: tmpdir() },
    });
    return stdout;
  };
}

function commandWith(words: readonly string[]): string {
  const found = shellBlocks('docs/operations.md').filter((block) => words.every((word) => block.includes(word)));
  const [command] = found;
  if (command === undefined || new Set(found).size > 1) {
    throw new Error(`docs/operations.md has ${String(found.length)} commands with ${words.join(', ')}`);
  }
  return command;
}
