import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs the fast tests on Node.js 24, which the image runs on, if this is another version. */

const here = fileURLToPath(new URL('.', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** npm brings it for Linux, and its lock file holds the version. Nothing is done if it is there already. */
function node24(): string | undefined {
  const { NODE24 } = process.env;
  if (NODE24 !== undefined && NODE24 !== '') return NODE24;
  run('npm', 'install', '--silent', '--ignore-scripts', '--no-save', '--prefix', here);
  const binary = `${here}node_modules/.bin/node`;
  return existsSync(binary) ? binary : undefined;
}

const major = process.versions.node.split('.')[0];
const node = major === '24' ? undefined : node24();
if (node !== undefined) run(node, vitest, 'run', '--project', 'fast');
else if (major !== '24') console.error('the fast tests did not run on Node.js 24: set NODE24 to its path');
