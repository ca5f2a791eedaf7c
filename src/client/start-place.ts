import type { MessageDeliveryInput } from '../contract/input.js';
import { trafficPolicy } from '../contract/policy.js';
import { taskQueueFor, workflowQueueFor } from '../contract/task-queues.js';

/** Where a delivery waits for a worker, and which of those that wait go first. */
interface StartPlace {
  readonly taskQueue: string;
  readonly priority: { readonly priorityKey: number; readonly fairnessKey: string };
}

/** Bytes. Temporal refuses a longer fairness key. An agent id is at most 128 ASCII characters, and ends like no other. */
const LONGEST_FAIRNESS_KEY = 64;

/**
 * The task queue and the priority of a new delivery, by its traffic type. The fairness key gives each agent its share of a
 * backlog, if the server has fairness enabled, and its own rate limit (docs/operations.md).
 */
export function startPlace(
  taskQueue: string,
  { agentId, messageTrafficType: type }: Pick<MessageDeliveryInput, 'agentId' | 'messageTrafficType'>,
): StartPlace {
  return {
    taskQueue: taskQueueFor(taskQueue, workflowQueueFor(type)),
    priority: { priorityKey: trafficPolicy(type).priority, fairnessKey: agentId.slice(-LONGEST_FAIRNESS_KEY) },
  };
}
