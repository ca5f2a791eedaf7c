import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { hasWorkflows, taskQueueFor, WORKER_QUEUES, type WorkerQueue } from '../../src/contract/task-queues.js';
import { durationText } from '../terminal/text.js';

/** Temporal lists pollers long after they are gone. An idle one polls again every minute. */
const GONE_AFTER_MS = 90_000;
type TaskQueueType = proto.temporal.api.enums.v1.TaskQueueType;
const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** A poller, as Temporal's API describes it. */
interface Poller {
  readonly identity?: string | null;
  readonly lastAccessTime?: { readonly seconds?: unknown } | null;
}

export interface TaskQueue {
  readonly client: Client;
  readonly taskQueue: string;
}

/** Another worker on the task queue would get some of the deliveries, and might send real messages. */
export class TaskQueueInUseError extends Error {
  override readonly name = 'TaskQueueInUseError';
  constructor(taskQueue: string, address: string) {
    super(
      `The task queue ${taskQueue} at ${address} has a worker already.
It would get some of these deliveries, and send their messages with its own
configuration. A worker that has stopped is listed for ${durationText(GONE_AFTER_MS)} more.
Set another task queue, or none:
unset TASK_QUEUE`,
    );
  }
}

/** Whether a worker polls one of the task queues of this stem, or did a short time ago. */
export async function isPolled(queue: TaskQueue): Promise<boolean> {
  // A worker of somebody else's may take activities on any of them.
  const pollers = await Promise.all([pollersOfAll(queue), pollersOf(queue, TASK_QUEUE_TYPE_ACTIVITY)]);
  return recent(pollers.flat(2), Date.now()).length > 0;
}

/** The pollers that may still be running. */
export const recent = (pollers: readonly Poller[], now: number): Poller[] =>
  pollers.filter(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? Infinity) * 1000 < GONE_AFTER_MS);

/** Whether the worker with this process id polls these queues of the stem. Default: all. */
export async function isPolling(
  queue: TaskQueue,
  pid: number,
  queues: readonly WorkerQueue[] = WORKER_QUEUES,
): Promise<boolean> {
  const pollers = await pollersOfAll(queue, queues);
  return pollers.every((its) => its.some(({ identity }) => identity?.endsWith(`#${String(pid)}`) === true));
}

/** The pollers of each queue. */
const pollersOfAll = (
  { client, taskQueue }: TaskQueue,
  queues: readonly WorkerQueue[] = WORKER_QUEUES,
): Promise<readonly (readonly Poller[])[]> =>
  Promise.all(
    queues.map((queue) => {
      const type = hasWorkflows(queue) ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY;
      return pollersOf({ client, taskQueue: taskQueueFor(taskQueue, queue) }, type);
    }),
  );

async function pollersOf({ client, taskQueue }: TaskQueue, taskQueueType: TaskQueueType): Promise<readonly Poller[]> {
  const { namespace } = client.options;
  const described = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  return (await client.workflowService.describeTaskQueue(described)).pollers;
}
