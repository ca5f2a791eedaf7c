import type { ConnectionLike } from '@temporalio/client';
import proto from '@temporalio/proto';
import { withDeadline } from './deadline.js';
import { GrpcStatus, grpcStatusOf } from './grpc-status.js';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

const TYPES = { workflow: TASK_QUEUE_TYPE_WORKFLOW, activity: TASK_QUEUE_TYPE_ACTIVITY } as const;

/** What a Worker polls. */
export interface PolledQueue {
  readonly taskQueue: string;
  readonly kind: 'workflow' | 'activity';
}

/** Undefined: Temporal lists no poll of this process. */
export type PollTimes = (queue: PolledQueue) => Date | undefined;

/** `refused`: Temporal answers, but not this question. `unreachable`: Temporal does not answer. */
export type LastPolls =
  | { readonly answer: 'polls'; readonly of: PollTimes }
  | { readonly answer: 'refused' }
  | { readonly answer: 'unreachable' };

export interface LastPollsOptions {
  readonly connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  /** The identity of the poller. */
  readonly identity: string;
  readonly timeoutMs: number;
}

/**
 * Asks Temporal when this process last polled each of these queues. Temporal notes the time when a poll comes in and when
 * it ends, so an idle poller's is up to a minute old: Temporal holds a poll that long. Never rejects. `since`: a time of
 * that age is good enough, and is not looked for any further.
 */
export async function lastPolls(
  options: LastPollsOptions,
  queues: readonly PolledQueue[],
  since: Date,
): Promise<LastPolls> {
  const { connection, timeoutMs } = options;
  const names = [...new Map(queues.map((queue) => [keyOf(queue), queue])).values()];
  try {
    const polls = await withDeadline(connection, { timeoutMs, extraMs: 100 }, () =>
      Promise.all(names.map(async (queue) => [keyOf(queue), await lastPoll(options, queue, since)] as const)),
    );
    const times = new Map(polls);
    return { answer: 'polls', of: (queue) => times.get(keyOf(queue)) };
  } catch (error) {
    return { answer: isRefusal(error) ? 'refused' : 'unreachable' };
  }
}

const keyOf = ({ kind, taskQueue }: PolledQueue): string => `${kind} ${taskQueue}`;

/**
 * A task queue has several partitions, four by default. The first one, which has the queue's own name, knows its own
 * pollers and some of the others'. The SDK lowers the number of an idle Worker's pollers to one, so that one may be
 * anywhere.
 */
async function lastPoll(options: LastPollsOptions, queue: PolledQueue, since: Date): Promise<Date | undefined> {
  const first = await lastPollOf(options, queue);
  if (first !== undefined && first >= since) return first;
  const others = (await partitionsOf(options, queue)).filter((partition) => partition !== queue.taskQueue);
  const times = await Promise.all(others.map((taskQueue) => lastPollOf(options, { ...queue, taskQueue })));
  return latest([first, ...times]);
}

async function lastPollOf(options: LastPollsOptions, { taskQueue, kind }: PolledQueue): Promise<Date | undefined> {
  const { connection, namespace, identity } = options;
  const described = { namespace, taskQueue: { name: taskQueue }, taskQueueType: TYPES[kind] };
  const { pollers } = await connection.workflowService.describeTaskQueue(described);
  const times = pollers.filter((poller) => poller.identity === identity).map(({ lastAccessTime }) => lastAccessTime);
  return latest(
    times.map((time) => (time ? new Date(Number(time.seconds) * 1_000 + (time.nanos ?? 0) / 1_000_000) : undefined)),
  );
}

async function partitionsOf(options: LastPollsOptions, { taskQueue, kind }: PolledQueue): Promise<readonly string[]> {
  const { connection, namespace } = options;
  const listed = await connection.workflowService.listTaskQueuePartitions({
    namespace,
    taskQueue: { name: taskQueue },
  });
  const { workflowTaskQueuePartitions, activityTaskQueuePartitions } = listed;
  const partitions = kind === 'workflow' ? workflowTaskQueuePartitions : activityTaskQueuePartitions;
  return partitions.flatMap(({ key }) => key ?? []);
}

const latest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times.reduce((a, b) => (a !== undefined && (b === undefined || a >= b) ? a : b), undefined);

/** Credentials may be limited to what a Worker needs, and Temporal's test server lacks the calls. */
function isRefusal(error: unknown): boolean {
  const code = grpcStatusOf(error);
  return (
    code === GrpcStatus.PERMISSION_DENIED || code === GrpcStatus.UNIMPLEMENTED || code === GrpcStatus.INVALID_ARGUMENT
  );
}
