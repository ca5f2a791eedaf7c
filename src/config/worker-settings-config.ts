import { z } from 'zod';
import { MINUTE, SECOND } from '../contract/duration.js';
import { servedQueues, type WorkerQueue } from '../contract/task-queues.js';
import { duration } from './duration-variable.js';
import { count, variable } from './variable.js';

/** What a deployment can choose from: `rbm` stands for creates and DELETEs. */
const CHOICES = ['workflows', 'bulk', 'rbm', 'sms', 'notify'] as const;

const queues = z
  .string()
  .transform((given) =>
    given
      .toLowerCase()
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  .pipe(z.array(z.enum(CHOICES)).min(1))
  .transform(servedQueues);

const limit = (least: number, most: number, description: string) =>
  variable(count(least, most).optional(), {
    description,
    must: `must be a whole number from ${String(least)} to ${String(most)}`,
  });

/** The worker's task queues, and how much it takes on at a time. */
export const workerFields = z.object({
  WORKER_QUEUES: variable(queues.optional(), {
    description: `The task queues that this worker serves, of ${CHOICES.join(', ')}; by default all. Every queue needs a worker.`,
    must: `must be one or more of ${CHOICES.join(', ')}, separated by commas`,
  }),
  WORKER_MAX_CACHED_WORKFLOWS: limit(
    1,
    100_000,
    'How many workflows the worker keeps in memory; by default as many as fit there, from 500 to 8000.',
  ),
  WORKER_MAX_WORKFLOW_TASKS: limit(
    4,
    10_000,
    'How many workflow tasks are processed at a time, a quarter of them of deliveries that run already; of promotions a tenth of that. By default 200.',
  ),
  WORKER_MAX_RBM_REQUESTS: limit(
    1,
    100_000,
    'How many creates, and how many DELETEs, are under way at RBM at a time; by default 1000.',
  ),
  WORKER_MAX_SMS_REQUESTS: limit(
    1,
    100_000,
    'How many requests to the SMS providers are made at a time; by default 1000.',
  ),
  WORKER_MAX_NOTIFICATIONS: limit(1, 100_000, 'How many notifications are sent at a time; by default 200.'),
  WORKER_MAX_POLLERS: limit(
    2,
    1_000,
    'How many polls wait at a time, for each queue and kind of task; by default 100.',
  ),
  WORKER_STICKY_TIMEOUT: variable(duration(SECOND, MINUTE).optional(), {
    description:
      'How long a delivery waits for the worker that has it in memory, such as `5s`; a promotion twice as long. By default 5s.',
    must: 'must be seconds with the unit s, such as 5s, from 1s to 60s',
  }),
});

/** What the environment sets. The worker fills in the rest. */
export interface WorkerSettingsConfig {
  readonly queues?: readonly WorkerQueue[];
  readonly maxCachedWorkflows?: number;
  readonly maxWorkflowTasks?: number;
  readonly maxRbmRequests?: number;
  readonly maxSmsRequests?: number;
  readonly maxNotifications?: number;
  readonly maxPollers?: number;
  readonly stickyTimeout?: number;
}

export function workerSettings(variables: z.output<typeof workerFields>): WorkerSettingsConfig {
  const settings = {
    queues: variables.WORKER_QUEUES,
    maxCachedWorkflows: variables.WORKER_MAX_CACHED_WORKFLOWS,
    maxWorkflowTasks: variables.WORKER_MAX_WORKFLOW_TASKS,
    maxRbmRequests: variables.WORKER_MAX_RBM_REQUESTS,
    maxSmsRequests: variables.WORKER_MAX_SMS_REQUESTS,
    maxNotifications: variables.WORKER_MAX_NOTIFICATIONS,
    maxPollers: variables.WORKER_MAX_POLLERS,
    stickyTimeout: variables.WORKER_STICKY_TIMEOUT,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
