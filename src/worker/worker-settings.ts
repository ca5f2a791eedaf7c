import { WORKER_QUEUES, type WorkerQueue } from '../contract/task-queues.js';
import { cacheSizeFor, memoryOfThisProcess } from './cache-size.js';

/** How much a worker process takes on at a time. Each default's reason stands in docs/performance.md. */
export interface WorkerSettings {
  /** The task queues that this process serves. Default: all. Every queue needs a process somewhere. */
  readonly queues: readonly WorkerQueue[];
  /** How many workflows are kept in memory, in all. An evicted one is replayed from a dozen events at its next event. */
  readonly maxCachedWorkflows: number;
  /** How many workflow tasks of the queue `workflows` are processed at a time; of `bulk` a tenth of that. */
  readonly maxWorkflowTasks: number;
  /** Creates, and as many DELETEs beside them. */
  readonly maxRbmRequests: number;
  readonly maxSmsRequests: number;
  readonly maxNotifications: number;
  /** How many polls wait at a time at most, for each queue and kind of task. The SDK takes what it needs. */
  readonly maxPollers: number;
  /**
   * How long a delivery waits for the worker that has it in memory, in case that one died; a promotion twice as long.
   * Milliseconds.
   */
  readonly stickyTimeout: number;
}

export const WORKER_DEFAULTS = {
  queues: WORKER_QUEUES,
  maxCachedWorkflows: cacheSizeFor(memoryOfThisProcess()),
  maxWorkflowTasks: 200,
  // A request waits up to 10 s if the other side hangs, and costs little meanwhile.
  maxRbmRequests: 1_000,
  maxSmsRequests: 1_000,
  maxNotifications: 200,
  maxPollers: 100,
  // The SDK's own default is 10 s. Less than the backlog of a herd would mean a second task, and a replay, for each task.
  stickyTimeout: 5_000,
} as const satisfies WorkerSettings;
