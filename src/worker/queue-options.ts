import type { WorkerOptions } from '@temporalio/worker';
import { hasWorkflows, taskQueueFor, type WorkerQueue } from '../contract/task-queues.js';
import { activitiesFor, type DeliveryActivities } from './delivery-activities.js';
import type { RightOfWay } from './right-of-way.js';
import type { WorkerSettings } from './worker-settings.js';
import { createWorkflowSlots } from './workflow-slots.js';

/** One quarter of the workflow tasks' slots is kept for deliveries that run already. */
const SHARE_FOR_RUNNING = 1 / 4;
/** One for each pool, and more than one for starts. */
const LEAST_SLOTS = 4;

/**
 * A promotion's workflow task waits for no request, so a few at a time use a core up. More would only make codes wait, at
 * the server and in this process: in a herd of 800, codes came after 0.16 s (p50) instead of 0.5 s.
 */
const SHARE_OF_BULK = 1 / 10;

/**
 * In a herd, promotions wait for a worker that lives. Giving up on it would mean a replay for each, and more load. A dead
 * worker costs them more for it, but less than the budget of their revocation.
 */
const PATIENCE_OF_BULK = 2;

type QueueOptions = Pick<
  WorkerOptions,
  'taskQueue' | 'activities' | 'tuner' | 'maxCachedWorkflows' | 'stickyQueueScheduleToStartTimeout'
>;

interface Given {
  readonly queue: WorkerQueue;
  /** The stem. */
  readonly taskQueue: string;
  readonly activities: DeliveryActivities;
  readonly settings: WorkerSettings;
  /** One for all Workers of the process. */
  readonly rightOfWay: RightOfWay;
}

/** What differs between the Workers of one process: the queue, the activities, and the slots. */
export function queueOptions({ queue, taskQueue, activities, settings, rightOfWay }: Given): QueueOptions {
  const slots = slotsOf(queue, settings);
  return {
    taskQueue: taskQueueFor(taskQueue, queue),
    activities: activitiesFor(queue, activities),
    maxCachedWorkflows: cacheOf(queue, settings),
    stickyQueueScheduleToStartTimeout: settings.stickyTimeout * (queue === 'bulk' ? PATIENCE_OF_BULK : 1),
    tuner: {
      workflowTaskSlotSupplier: createWorkflowSlots({
        forStarts: slots - Math.ceil(slots * SHARE_FOR_RUNNING),
        forRunning: Math.ceil(slots * SHARE_FOR_RUNNING),
        ...(queue === 'workflows' && { hasRightOfWay: rightOfWay }),
        ...(queue === 'bulk' && { givesWayTo: rightOfWay }),
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
      return settings.maxWorkflowTasks;
    case 'bulk':
      return Math.max(LEAST_SLOTS, Math.ceil(settings.maxWorkflowTasks * SHARE_OF_BULK));
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
