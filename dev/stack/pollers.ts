import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

/** Temporal lists pollers long after they are gone. One that is idle asks again, and is seen, every minute. */
const GONE_AFTER_MS = 90_000;
type TaskQueueType = proto.temporal.api.enums.v1.TaskQueueType;
const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** As Temporal describes it. */
interface Poller {
  readonly identity?: string | null;
  readonly lastAccessTime?: { readonly seconds?: unknown } | null;
}

export interface TaskQueue {
  readonly client: Client;
  readonly taskQueue: string;
}

/** Whoever works on that task queue would get some of our deliveries, and may send them in earnest. */
export class TaskQueueInUseError extends Error {
  override readonly name = 'TaskQueueInUseError';
  constructor(taskQueue: string, address: string) {
    super(
      `The task queue ${taskQueue} at ${address} has a worker already, which would take some of these messages and send them ` +
        `its own way.\n\`unset TASK_QUEUE\`, or set another. (A worker that has ended counts for ${GONE_AFTER_MS / 1000} s more.)`,
    );
  }
}

export async function isPolled(queue: TaskQueue): Promise<boolean> {
  const types = [TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY];
  const pollers = (await Promise.all(types.map((type) => pollersOf(queue, type)))).flat();
  return recent(pollers, Date.now()).length > 0;
}

/** Those that may still be there. */
export const recent = (pollers: readonly Poller[], now: number): Poller[] =>
  pollers.filter(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? Infinity) * 1000 < GONE_AFTER_MS);

/** A worker has no port of its own: it is ready when it polls. */
export async function isPolling(queue: TaskQueue, pid: number): Promise<boolean> {
  const pollers = await pollersOf(queue, TASK_QUEUE_TYPE_WORKFLOW);
  return pollers.some(({ identity }) => identity?.startsWith(`${String(pid)}@`) === true);
}

async function pollersOf({ client, taskQueue }: TaskQueue, taskQueueType: TaskQueueType): Promise<readonly Poller[]> {
  const { namespace } = client.options;
  const described = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  return (await client.workflowService.describeTaskQueue(described)).pollers;
}
