import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * The program takes the shell's place (and its process id). Beside it waits a reader on a pipe that only we hold open. When
 * the pipe ends, the program has ended, or we are gone, however that happened (exit, Ctrl-C, `kill -9`): then the whole
 * process group goes. The reader belongs to the group, so no other group can have got its number.
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
  /** Resolves with the exit code when the program has ended (null: by a signal). Never rejects. */
  readonly ended: Promise<number | null>;
  /** The last lines that it wrote, for an error message. */
  readonly lastLines: () => string;
  /** Ends the program and what it started, at the latest by force; resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

export interface GuardedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How `stop` asks it to end. Default: SIGTERM. SIGKILL if there is nothing that it must finish. */
  readonly stopSignal?: NodeJS.Signals;
  /** Gets all that it writes, piece by piece. */
  readonly onOutput?: (text: string) => void;
}

/** Starts a program that never outlives this process. It has a process group of its own: Ctrl-C reaches it through us. */
export async function startGuarded(options: GuardedProcessOptions): Promise<GuardedProcess> {
  const { command, args, env, cwd, stopSignal = 'SIGTERM', onOutput } = options;
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
    const force = setTimeout(signalGroup, KILL_AFTER_MS, pid, 'SIGKILL');
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
    // It has ended already.
  }
}
