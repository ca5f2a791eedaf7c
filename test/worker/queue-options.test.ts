import { expect, test } from 'vitest';
import { WORKER_QUEUES, type WorkerQueue } from '../../src/contract/task-queues.js';
import type { DeliveryActivities } from '../../src/worker/delivery-activities.js';
import { queueOptions } from '../../src/worker/queue-options.js';
import { createRightOfWay } from '../../src/worker/right-of-way.js';
import { WORKER_DEFAULTS, type WorkerSettings } from '../../src/worker/worker-settings.js';

// Which activities a queue has is not this file's subject.
const NONE = {} as DeliveryActivities;
const optionsOf = (queue: WorkerQueue, settings: Partial<WorkerSettings> = {}) =>
  queueOptions({
    queue,
    taskQueue: 'message-delivery',
    activities: NONE,
    settings: { ...WORKER_DEFAULTS, ...settings },
    rightOfWay: createRightOfWay(),
  });

test('in a herd, promotions wait for their worker while it lives, and codes not for long', () => {
  const settings = { stickyTimeout: 2_000 };
  expect(optionsOf('workflows', settings).stickyQueueScheduleToStartTimeout).toBe(2_000);
  expect(optionsOf('bulk', settings).stickyQueueScheduleToStartTimeout).toBe(4_000);
});

test('the two queues with workflows share the cache, and one alone has all of it', () => {
  const settings = { maxCachedWorkflows: 600 };
  expect(optionsOf('workflows', settings).maxCachedWorkflows).toBe(300);
  expect(optionsOf('bulk', { ...settings, queues: ['bulk'] }).maxCachedWorkflows).toBe(600);
  expect(optionsOf('sms', settings).maxCachedWorkflows).toBe(0);
});

/** How many slots of one pool can be had at a time. */
function slotsIn(queue: WorkerQueue, pool: 'starts' | 'running', maxWorkflowTasks: number): number {
  const { tuner } = optionsOf(queue, { maxWorkflowTasks });
  const supplier =
    tuner !== undefined && 'workflowTaskSlotSupplier' in tuner ? tuner.workflowTaskSlotSupplier : undefined;
  if (supplier?.type !== 'custom') throw new Error('The slots are not ours.');
  const context = {
    slotType: 'workflow',
    taskQueue: queue,
    workerIdentity: '',
    workerBuildId: '',
    isSticky: pool === 'running',
  } as const;
  let slots = 0;
  while (slots < 1_000 && supplier.tryReserveSlot(context) !== null) slots += 1;
  return slots;
}

test('promotions have a tenth of the slots, and at least one for those that run already', () => {
  expect(slotsIn('workflows', 'starts', 200)).toBe(150);
  expect(slotsIn('workflows', 'running', 200)).toBe(50);
  expect(slotsIn('bulk', 'starts', 200)).toBe(15);
  expect(slotsIn('bulk', 'running', 200)).toBe(5);
  expect(slotsIn('bulk', 'starts', 4)).toBe(3);
  expect(slotsIn('bulk', 'running', 4)).toBe(1);
});

test('each queue has its own name', () => {
  expect(new Set(WORKER_QUEUES.map((queue) => optionsOf(queue).taskQueue)).size).toBe(WORKER_QUEUES.length);
});
