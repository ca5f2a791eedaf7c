import { hasWorkflows, taskQueueFor } from '../contract/task-queues.js';
import { buildHealthServer } from '../health/build-health-server.js';
import {
  createWorkerHealth,
  type RunningWorkers,
  type WatchedWorker,
  type WorkerHealth,
} from '../health/worker-health.js';
import type { Logger } from '../observability/logger.js';
import { lastPolls, type LastPollsOptions } from '../temporal/last-polls.js';
import type { DeliveryWorker } from '../worker/delivery-worker.js';
import { listen } from './listen.js';

export interface WithHealthOptions {
  /** Where it listens. Undefined: no server. */
  readonly at: { readonly host: string; readonly port: number } | undefined;
  readonly logger: Logger;
  /** Aborts when the process begins to shut down. */
  readonly signal: AbortSignal;
}

/** Answers probes from now until `run` has settled, as `run` does. Rejects if it can't listen. */
export async function withHealth(
  { at, logger, signal }: WithHealthOptions,
  run: (health: Pick<WorkerHealth, 'watch'>) => Promise<void>,
): Promise<void> {
  const health = createWorkerHealth({ signal, startedAt: performance.timeOrigin });
  if (at === undefined) return run(health);
  const app = buildHealthServer(health);
  try {
    const listening = await listen(app, { ...at, variable: 'HEALTH_PORT' });
    logger.info({ listening }, 'answering probes');
    await run(health);
  } finally {
    await app.close();
  }
}

/** One for each task queue and kind of task. Beside workflows run the activities that only ask Temporal. */
export const watchedWorkers = ({ workers }: Pick<DeliveryWorker, 'workers'>, stem: string): readonly WatchedWorker[] =>
  workers.flatMap(({ queue, worker }) =>
    (hasWorkflows(queue) ? (['workflow', 'activity'] as const) : (['activity'] as const)).map((kind) => ({
      name: queue,
      taskQueue: taskQueueFor(stem, queue),
      kind,
      state: () => worker.getState(),
    })),
  );

/** In milliseconds. A probe should wait longer. */
const ASK_TEMPORAL_MS = 2_000;

export function pollsOf(process: Omit<LastPollsOptions, 'timeoutMs'>): RunningWorkers['lastPolls'] {
  return (queues, since) => lastPolls({ ...process, timeoutMs: ASK_TEMPORAL_MS }, queues, since);
}
