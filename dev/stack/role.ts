import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startGuarded, type GuardedProcess } from '../temporal/guarded-process.js';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const START_LIMIT_MS = 60_000;

/** `rcs-delivery worker` or `webhook` as a process that can be stopped and started again. */
export interface Role {
  /** Resolves when the role is ready. Throws, with its last output, if it exits or is not ready within a minute. */
  readonly start: () => Promise<void>;
  /** Sends SIGTERM, as an orchestrator does. */
  readonly stop: () => Promise<void>;
  /** Sends SIGKILL, so the process can't shut down cleanly. */
  readonly kill: () => Promise<void>;
  /** All output since the first start. */
  readonly output: () => string;
}

export interface RoleOptions {
  readonly role: 'worker' | 'webhook';
  readonly env: NodeJS.ProcessEnv;
  /** Asked ten times a second after a start. */
  readonly isReady: (process: { readonly pid: number }) => Promise<boolean>;
}

export function createRole({ role, env, isReady }: RoleOptions): Role {
  let running: GuardedProcess | undefined;
  let output = '';
  const onOutput = (text: string) => {
    output += text;
  };
  return {
    async start() {
      const child = await startGuarded({ command: process.execPath, args: [PROGRAM, role], env, onOutput });
      running = child;
      await until(child, () => isReady(child));
    },
    async stop() {
      await running?.stop();
    },
    async kill() {
      if (running === undefined) return;
      process.kill(running.pid, 'SIGKILL');
      await running.ended;
    },
    output: () => output,
  };
}

async function until(child: GuardedProcess, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  while (!(await holds())) {
    if (await Promise.race([child.ended.then(() => true), delay(0, false)]))
      throw new Error(`A process stopped during its start:\n${child.lastLines()}`);
    if (Date.now() > end) throw new Error(`A process was not ready in time:\n${child.lastLines()}`);
    await delay(100);
  }
}
