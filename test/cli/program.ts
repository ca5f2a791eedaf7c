import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const BUILD = fileURLToPath(new URL('../../dev/build/build.ts', import.meta.url));

/** Builds dist, unless it is up to date. */
export function build(): void {
  execFileSync(process.execPath, ['--import', 'tsx', BUILD], { stdio: 'inherit' });
}

type Variables = Readonly<Record<string, string>>;
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Passes nothing of this machine's environment on, so that only the given variables count. No balancer sends anything to
 * these processes, so none waits for one.
 */
function start(args: readonly string[], variables: Variables): Child {
  const env = { PATH: process.env['PATH'], HOME: tmpdir(), WEBHOOK_SHUTDOWN_DELAY: '0s', ...variables };
  return spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command until it exits. */
export async function run(
  args: readonly string[],
  variables: Variables = {},
  stdin: string | Buffer = '',
): Promise<Ended> {
  const child = start(args, variables);
  child.stdin.end(stdin);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

export interface Running {
  readonly pid: number;
  /** Every line of stdout so far, each of which must be JSON. */
  readonly log: readonly Record<string, unknown>[];
  /** Resolves with the first line of this message. */
  said(msg: string): Promise<Record<string, unknown>>;
  end(signal?: NodeJS.Signals): Promise<Ended>;
}

const running = new Set<Child>();

/** Starts a command that runs until it gets a signal. */
export function serve(args: readonly string[], variables: Variables): Running {
  const child = start(args, variables);
  running.add(child);
  child.once('exit', () => running.delete(child));
  // At 'exit' the last lines may still be in the pipe.
  const ended = once(child, 'close') as Promise<[number | null]>;
  const log: Record<string, unknown>[] = [];
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    const lines = stdout.split('\n').slice(0, -1);
    for (const line of lines.slice(log.length)) log.push(JSON.parse(line) as Record<string, unknown>);
    for (const look of waiting) look();
  });
  return {
    pid: child.pid ?? 0,
    log,
    said: (msg) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = log.find((entry) => entry['msg'] === msg);
          if (line !== undefined) resolve(line);
        };
        waiting.add(look);
        look();
        ended.then(() => {
          reject(new Error(`ended without saying "${msg}": ${stdout}${stderr}`));
        }, reject);
      }),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const [code] = await ended;
      return { code, stdout, stderr };
    },
  };
}

/** For afterEach: ends what a failed test left running. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }),
  );
}
