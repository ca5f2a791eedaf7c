import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export const LIMIT = 120_000;

export interface Demo {
  readonly child: ChildProcess;
  /** What it has written to stdout and stderr. */
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

export interface DemoProcess {
  readonly command?: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const running: Demo[] = [];
/** For afterEach: stops what the test has left running. */
export async function stopDemos(): Promise<void> {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Starts the demo as a process without a terminal. {@link stopDemos} stops it. */
export const startDemo = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Demo =>
  startProcess({ args: ['--import', 'tsx', 'dev/demo/main.ts', ...args], env });

export function startProcess({ command = process.execPath, args, env }: DemoProcess): Demo {
  const whole = { ...process.env, TEMPORAL_ADDRESS: '', TASK_QUEUE: '', PAYLOAD_ENCRYPTION_KEYS: '', ...env };
  const child = spawn(command, args, { env: whole, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const collect = (chunk: Buffer) => (text += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      resolve(code);
    }),
  );
  const demo = { child, output: () => text, ended };
  running.push(demo);
  return demo;
}

export async function until(holds: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + LIMIT;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never came about: ${what()}`);
    await delay(100);
  }
}
