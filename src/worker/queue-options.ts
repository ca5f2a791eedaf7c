import type { WorkerOptions } from '@temporalio/worker';
import { hasWorkflows, taskQueueFor, type WorkerQueue } from '../contract/task-queues.js';
import { activitiesFor, type DeliveryActivities } from './delivery-activities.js';
import type { WorkerSettings } from './worker-settings.js';
import { createWorkflowSlots } from './workflow-slots.js';

/** One quarter of the workflow tasks' slots is kept for deliveries that run already. */
const SHARE_FOR_RUNNING = 1 / 4;

type QueueOptions = Pick<WorkerOptions, 'taskQueue' | 'activities' | 'tuner' | 'maxCachedWorkflows'>;

/** What differs between the Workers of one process: the queue, the activities, and the slots. */
export function queueOptions(
  queue: WorkerQueue,
  taskQueue: string,
  activities: DeliveryActivities,
  settings: WorkerSettings,
): QueueOptions {
  const slots = slotsOf(queue, settings);
  return {
    taskQueue: taskQueueFor(taskQueue, queue),
    activities: activitiesFor(queue, activities),
    maxCachedWorkflows: cacheOf(queue, settings),
    tuner: {
      workflowTaskSlotSupplier: createWorkflowSlots({
        forStarts: slots - Math.ceil(slots * SHARE_FOR_RUNNING),
        forRunning: Math.ceil(slots * SHARE_FOR_RUNNING),
      }),
      activityTaskSlotSupplier: { type: 'fixed-size', numSlots: slots },
      localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: slots },
      nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
    },
  };
}

function slotsOf(queue: WorkerQueue, settings: WorkerSettings): number {
  switch (queue) {
    case 'workflows':
    case 'bulk':
      return settings.maxWorkflowTasks;
    case 'rbm':
    case 'revoke':
      return settings.maxRbmRequests;
    case 'sms':
      return settings.maxSmsRequests;
    case 'notify':
      return settings.maxNotifications;
  }
}

/** The two queues with workflows share the cache. */
function cacheOf(queue: WorkerQueue, { maxCachedWorkflows, queues }: WorkerSettings): number {
  if (!hasWorkflows(queue)) return 0;
  return Math.max(1, Math.floor(maxCachedWorkflows / queues.filter(hasWorkflows).length));
}
