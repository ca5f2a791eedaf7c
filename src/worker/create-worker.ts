import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { DEFAULT_TASK_QUEUE, hasWorkflows, servedQueues, type WorkerQueue } from '../contract/task-queues.js';
import { forWorkflows } from '../encryption/data-converter.js';
import { checkNativeConnection } from '../temporal/sdk-version.js';
import { activitiesFor, type DeliveryActivities } from './delivery-activities.js';
import { combineWorkers, type DeliveryWorker } from './delivery-worker.js';
import { withGiven, type GivenOptions } from './given-options.js';
import { pollersFor } from './pollers.js';
import { queueOptions } from './queue-options.js';
import { createRightOfWay, type RightOfWay } from './right-of-way.js';
import type { WorkerTracing } from './trace-worker.js';
import { UNTRACED, workflowCode } from './workflow-code.js';
import { WORKER_DEFAULTS, type WorkerSettings } from './worker-settings.js';

export interface DeliveryWorkerOptions {
  readonly connection: NativeConnection;
  readonly activities: DeliveryActivities;
  /** Default `default`. */
  readonly namespace?: string;
  /** The stem of the task queues. Default `message-delivery`. */
  readonly taskQueue?: string;
  /** The same as the clients use: see `createDataConverter`. Default: Temporal's own. */
  readonly dataConverter?: DataConverter | undefined;
  /** Refuses deliveries and signals that are not encrypted by the `dataConverter`. Default false. */
  readonly encryptionRequired?: boolean | undefined;
  /** Undefined: no spans. */
  readonly tracing?: WorkerTracing | undefined;
  /** Which queues are served, and how much at a time. What is absent has its default. */
  readonly settings?: Partial<WorkerSettings>;
  /**
   * The version of this worker. It then takes part in Worker Versioning: it gets no work before its version is ramped or
   * current (docs/operations.md, "Deploying"). Undefined: unversioned.
   */
  readonly version?: { readonly deploymentName: string; readonly buildId: string } | undefined;
  /** Any other option of Temporal's Worker, for each of the Workers. Takes precedence over the settings in this file. */
  readonly worker?: GivenOptions;
}

/**
 * A worker for deliveries, not yet running: call `run()`. It is one of Temporal's Workers for each task queue, so that
 * trouble in one queue takes no slots from another. Reads no environment and installs no Runtime, so it can run next to
 * other workers in one process. Throws an `SdkVersionError` for a connection of another version of Temporal's SDK.
 */
export async function createDeliveryWorker(options: DeliveryWorkerOptions): Promise<DeliveryWorker> {
  const { connection, namespace = 'default' } = options;
  checkNativeConnection(connection, connection instanceof NativeConnection);
  const settings = { ...WORKER_DEFAULTS, ...options.settings };
  const pollers = await pollersFor(connection, namespace, settings);
  const rightOfWay = createRightOfWay();
  const queues = servedQueues(settings.queues).filter((queue) => hasWork(queue, options.activities));
  const creations = await Promise.allSettled(
    queues.map(async (queue) => {
      const ours = { ...optionsFor(queue, options, { settings, rightOfWay }), ...pollers };
      return { queue, worker: await Worker.create(withGiven(ours, options.worker)) };
    }),
  );
  const created = creations.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const failed = creations.find((one) => one.status === 'rejected');
  if (failed === undefined) return combineWorkers(created);
  await Promise.allSettled(created.map(({ worker }) => letGo(worker)));
  throw failed.reason;
}

/** A Worker that does not run can't be shut down, but keeps its connection from being closed. */
const letGo = (worker: Worker): Promise<void> => worker.runUntil(Promise.resolve());

/** `notify` has none if an embedder leaves its activity out. */
const hasWork = (queue: WorkerQueue, activities: DeliveryActivities): boolean =>
  hasWorkflows(queue) || Object.keys(activitiesFor(queue, activities)).length > 0;

interface Shared {
  readonly settings: WorkerSettings;
  readonly rightOfWay: RightOfWay;
}

function optionsFor(queue: WorkerQueue, options: DeliveryWorkerOptions, shared: Shared): WorkerOptions {
  const { connection, namespace = 'default', taskQueue = DEFAULT_TASK_QUEUE, tracing } = options;
  const dataConverter = forWorkflows(options.worker?.dataConverter ?? options.dataConverter, options);
  const { interceptors, ...code } = hasWorkflows(queue) ? workflowCode(dataConverter) : {};
  return {
    connection,
    namespace,
    ...code,
    interceptors: { ...interceptors, activity: tracing === undefined ? [] : [tracing.activities] },
    ...(dataConverter !== undefined && { dataConverter }),
    ...queueOptions({ queue, taskQueue, activities: options.activities, ...shared }),
    ...(options.version !== undefined && versioned(options.version)),
    ...SETTINGS,
    sinks: { ...UNTRACED, ...tracing?.sinks },
  };
}

/** Everything but short deliveries (src/workflows/message-delivery.ts) moves to each new version. */
const versioned = (version: NonNullable<DeliveryWorkerOptions['version']>): Partial<WorkerOptions> => ({
  workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
});

const SETTINGS = {
  // Lets a request finish after SIGTERM: it takes at most 10 s, within a startToCloseTimeout of 12 s. Default: 0.
  shutdownGraceTime: '15s',
  shutdownForceTime: '20s',
  // A long request heartbeats every second, and Temporal misses it after three. By default the SDK would hold back some.
  maxHeartbeatThrottleInterval: '1s',
} as const satisfies Partial<WorkerOptions>;
