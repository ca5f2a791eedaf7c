import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * The program replaces the shell and keeps its process id. Beside it, a reader waits on a pipe that only this process
 * holds open. The pipe closes when the program exits (Node closes it) or when this process is gone, even after `kill -9`.
 * Then the reader ends the process group. It is in that group, so the group's number can't have been reused.
 */
const GUARD = `
exec 3<&0 </dev/null
(
  trap '' TERM
  read -r _ <&3
  kill -TERM 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 $$ || exit
    sleep 0.5
  done
  kill -KILL 0
) >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

const LAST_LINES = 20;
const KILL_AFTER_MS = 5_000;

export interface GuardedProcess {
  readonly pid: number;
  /** Resolves with the exit code when the program has exited; null if a signal ended it. Never rejects. */
  readonly ended: Promise<number | null>;
  /** The last lines of output, for an error message. */
  readonly lastLines: () => string;
  /** Stops the program and its children, with SIGKILL if they take too long. Resolves when the program has exited. */
  readonly stop: () => Promise<void>;
}

export interface GuardedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The signal that `stop` sends first. Default: SIGTERM. SIGKILL suits a program with nothing to finish. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long after that SIGKILL follows, in milliseconds. Default: 5,000. */
  readonly killAfterMs?: number;
  /** Gets the output as it is written. */
  readonly onOutput?: (text: string) => void;
}

/** Starts a program that never outlives this process. It has its own process group, so Ctrl-C does not reach it. */
export async function startGuarded(options: GuardedProcessOptions): Promise<GuardedProcess> {
  const { command, args, env, cwd, stopSignal = 'SIGTERM', killAfterMs = KILL_AFTER_MS, onOutput } = options;
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', command, ...args], { env, cwd, detached: true });
  const lastLines = keepLastLines(child, onOutput);
  let over = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      over = true;
      resolve(code);
    });
  });
  await once(child, 'spawn');
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} could not be started.`);

  const stop = async () => {
    if (over) return;
    signalGroup(pid, stopSignal);
    const force = setTimeout(signalGroup, killAfterMs, pid, 'SIGKILL');
    await ended;
    clearTimeout(force);
  };
  return { pid, ended, lastLines, stop };
}

function keepLastLines(child: ChildProcess, onOutput: GuardedProcessOptions['onOutput']): () => string {
  let text = '';
  const keep = (chunk: Buffer) => {
    onOutput?.(chunk.toString());
    text = (text + chunk.toString())
      .split('\n')
      .slice(-LAST_LINES - 1)
      .join('\n');
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text.trim();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
