import { isPolling, type TaskQueue } from '../../dev/stack/pollers.js';
import type { WorkerQueue } from '../../src/contract/task-queues.js';
import { startGuarded, type GuardedProcess } from '../../dev/temporal/guarded-process.js';
import { START_LIMIT_MS, untilItWorks, untilReady } from '../../dev/temporal/server-start.js';

export interface WorkerProcessOptions {
  /** Node's options, the program and its arguments. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The stem of the queues that the worker polls once it is ready. */
  readonly queue: TaskQueue;
  /** Which of them. Default: all. */
  readonly queues?: readonly WorkerQueue[];
}

/** Starts a worker as a process of its own and waits until it polls. Throws, with its last output, if it stops before. */
export async function startWorkerProcess({ args, env, queue, queues }: WorkerProcessOptions): Promise<GuardedProcess> {
  const worker = await startGuarded({ command: process.execPath, args, env });
  const polls = async () => {
    if (!(await isPolling(queue, worker.pid, queues)))
      throw new Error(`The worker of ${queue.taskQueue} does not poll.`);
  };
  try {
    await untilReady(worker, 'The worker', (signal) => untilItWorks(polls, { limitMs: START_LIMIT_MS, signal }));
    return worker;
  } catch (error) {
    await worker.stop();
    throw error;
  }
}
