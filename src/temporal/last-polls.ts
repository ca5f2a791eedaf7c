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
 * Asks Temporal when this process last began a poll of each of these queues. Temporal notes the time when a poll comes in,
 * so an idle poller's is up to a minute old: Temporal holds a poll that long. Never rejects.
 */
export async function lastPolls(options: LastPollsOptions, queues: readonly PolledQueue[]): Promise<LastPolls> {
  const { connection, timeoutMs } = options;
  const names = [...new Map(queues.map((queue) => [keyOf(queue), queue])).values()];
  try {
    const polls = await withDeadline(connection, { timeoutMs, extraMs: 100 }, () =>
      Promise.all(names.map(async (queue) => [keyOf(queue), await lastPoll(options, queue)] as const)),
    );
    const times = new Map(polls);
    return { answer: 'polls', of: (queue) => times.get(keyOf(queue)) };
  } catch (error) {
    return { answer: isRefusal(error) ? 'refused' : 'unreachable' };
  }
}

const keyOf = ({ kind, taskQueue }: PolledQueue): string => `${kind} ${taskQueue}`;

async function lastPoll(options: LastPollsOptions, { taskQueue, kind }: PolledQueue): Promise<Date | undefined> {
  const { connection, namespace, identity } = options;
  const described = { namespace, taskQueue: { name: taskQueue }, taskQueueType: TYPES[kind] };
  const { pollers } = await connection.workflowService.describeTaskQueue(described);
  const times = pollers.filter((poller) => poller.identity === identity).map(({ lastAccessTime }) => lastAccessTime);
  const latest = Math.max(...times.map((time) => Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1_000_000));
  return Number.isFinite(latest) ? new Date(latest) : undefined;
}

/** Credentials may be limited to what a Worker needs, and Temporal's test server lacks the call. */
function isRefusal(error: unknown): boolean {
  const code = grpcStatusOf(error);
  return code === GrpcStatus.PERMISSION_DENIED || code === GrpcStatus.UNIMPLEMENTED;
}
