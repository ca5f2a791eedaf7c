import type { MessageTrafficType } from './rbm.js';

/** The default of the environment's `TASK_QUEUE`: the queue of all workflows but PROMOTION, and the stem of the others. */
export const DEFAULT_TASK_QUEUE = 'message-delivery';

/**
 * What each task queue is for. Each has slots of its own in a worker, so that trouble in one delays none of the others.
 * - `workflows`: the workflow tasks of every delivery but promotions, of their notifications, and of opt-outs.
 * - `bulk`: the workflow tasks of promotions and of their notifications. Thousands of them expire in one second.
 * - `rbm`: creates. `revoke`: DELETEs, which must not wait behind creates that RBM leaves without an answer.
 * - `sms`, `notify`: requests to the SMS providers and to the business.
 */
export const WORKER_QUEUES = ['workflows', 'bulk', 'rbm', 'revoke', 'sms', 'notify'] as const;
export type WorkerQueue = (typeof WORKER_QUEUES)[number];

/** The queues of a worker for which these were chosen: who takes creates takes DELETEs too. */
export const servedQueues = (chosen: readonly WorkerQueue[]): WorkerQueue[] =>
  WORKER_QUEUES.filter((queue) => chosen.includes(queue === 'revoke' ? 'rbm' : queue) || chosen.includes(queue));

/** Whether workflow tasks come to this queue. */
export const hasWorkflows = (queue: WorkerQueue): boolean => queue === 'workflows' || queue === 'bulk';

const SUFFIXES: Readonly<Record<Exclude<WorkerQueue, 'workflows'>, string>> = {
  bulk: '-bulk',
  rbm: '-rbm',
  revoke: '-revoke',
  sms: '-sms',
  notify: '-notify',
};

/** The name of a queue, from `TASK_QUEUE`: `message-delivery-rbm` for `rbm`, for example. */
export const taskQueueFor = (taskQueue: string, queue: WorkerQueue): string =>
  queue === 'workflows' ? taskQueue : taskQueue + SUFFIXES[queue];

/** The queue on which a delivery of this type is started. */
export const workflowQueueFor = (type: MessageTrafficType | undefined): 'workflows' | 'bulk' =>
  type === 'PROMOTION' ? 'bulk' : 'workflows';

/** The value of `TASK_QUEUE` that a delivery was started with, from the queue on which it runs. */
export const stemOf = (workflowQueue: string): string =>
  workflowQueue.endsWith(SUFFIXES.bulk) ? workflowQueue.slice(0, -SUFFIXES.bulk.length) : workflowQueue;

/** A name that ends like one of the other queues would be taken for that queue. */
export const isStem = (taskQueue: string): boolean =>
  !Object.values(SUFFIXES).some((suffix) => taskQueue.endsWith(suffix));
