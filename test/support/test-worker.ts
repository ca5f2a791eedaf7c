import { Worker, type WorkerOptions } from '@temporalio/worker';
import { taskQueueFor, WORKER_QUEUES } from '../../src/contract/task-queues.js';
import { combineWorkers, type DeliveryWorker } from '../../src/worker/delivery-worker.js';
import { hasWorkflows } from '../../src/worker/queue-options.js';
import { builtWorkflows } from './workflow-bundle.js';

/** A Worker for each of the task queues, with the built workflows. Every queue has all of the activities. */
export async function createTestWorker(
  options: Pick<WorkerOptions, 'connection' | 'namespace' | 'taskQueue' | 'activities' | 'maxCachedWorkflows'>,
): Promise<DeliveryWorker> {
  const workers = WORKER_QUEUES.map(async (queue) => ({
    queue,
    worker: await Worker.create({
      ...options,
      taskQueue: taskQueueFor(options.taskQueue, queue),
      ...(hasWorkflows(queue) && builtWorkflows),
    }),
  }));
  return combineWorkers(await Promise.all(workers));
}
