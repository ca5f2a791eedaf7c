import type { Worker } from '@temporalio/worker';
import type { WorkerQueue } from '../contract/task-queues.js';

/** A worker for deliveries: one of Temporal's Workers for each task queue, which run and stop together. */
export interface DeliveryWorker {
  readonly workers: readonly QueueWorker[];
  /** Resolves after `shutdown`, when all have drained. If one of them fails, the others are shut down, and this rejects. */
  run(): Promise<void>;
  /** Runs until the work has settled, then shuts down. Settles as the work does. */
  runUntil<T>(work: Promise<T> | (() => Promise<T>)): Promise<T>;
  /** Lets running activities finish. May be called more than once. */
  shutdown(): void;
}

export interface QueueWorker {
  readonly queue: WorkerQueue;
  readonly worker: Worker;
}

export function combineWorkers(workers: readonly QueueWorker[]): DeliveryWorker {
  const shutdown = () => {
    for (const { worker } of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const run = async () => {
    const ends = await Promise.allSettled(
      workers.map(({ worker }) =>
        worker.run().catch((error: unknown) => {
          shutdown();
          throw error;
        }),
      ),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  return {
    workers,
    run,
    shutdown,
    async runUntil(work) {
      const running = run();
      const ended = running.then(() => {
        throw new Error('the worker was shut down before the work had ended');
      });
      try {
        return await Promise.race([typeof work === 'function' ? work() : work, ended]);
      } finally {
        shutdown();
        await running;
      }
    },
  };
}
