import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { PROJECT_ROOT } from '../../../dev/temporal/project-paths.js';
import { startGuarded, type GuardedProcess } from '../../../dev/temporal/guarded-process.js';
import { WAIT } from '../../support/wait.js';

export const EXAMPLES = join(PROJECT_ROOT, 'examples');
const START_LIMIT_MS = 40_000;

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A program has exited with an error. Contains everything that it wrote. */
export class ExampleFailed extends Error {
  constructor(
    { command }: Command,
    readonly code: number | null,
    stdout: string,
    readonly stderr: string,
  ) {
    super(`${command} ended with ${String(code)}:\n${stdout}\n${stderr}`);
  }
}

/** Runs a program and returns what it wrote to stdout, without colours. Throws ExampleFailed if it exits with an error. */
export async function run(program: Command): Promise<string> {
  const { command, args, cwd, env } = program;
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout).then(stripVTControlCharacters),
    text(child.stderr).then(stripVTControlCharacters),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new ExampleFailed(program, code, stdout, stderr);
  return stdout;
}

export interface RunningExample {
  readonly output: () => string;
  /** Resolves when its output matches. Throws if it exits first or does not match in time. */
  readonly said: (what: RegExp) => Promise<RegExpExecArray>;
  /** Sends SIGTERM and returns the exit code. */
  readonly end: () => Promise<number | null>;
}

/** Starts a TypeScript example that serves until it is stopped, as its README says. */
export async function serve(file: string, env: NodeJS.ProcessEnv): Promise<RunningExample> {
  let output = '';
  const child: GuardedProcess = await startGuarded({
    command: process.execPath,
    args: ['--import', 'tsx', join(EXAMPLES, file)],
    cwd: PROJECT_ROOT,
    env,
    // A webhook server finishes the events that it has taken, and a worker its requests.
    killAfterMs: WAIT,
    onOutput: (written) => {
      output += written;
    },
  });
  let ended = false;
  void child.ended.then(() => {
    ended = true;
  });
  return {
    output: () => output,
    async said(what) {
      const end = Date.now() + START_LIMIT_MS;
      for (;;) {
        const match = what.exec(output);
        if (match !== null) return match;
        if (ended || Date.now() > end) throw new Error(`${file} never said ${String(what)}:\n${output}`);
        await delay(50);
      }
    },
    async end() {
      await child.stop();
      return child.ended;
    },
  };
}
