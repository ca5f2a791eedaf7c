import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { Worker, type InjectedSinks, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { MessageActivities } from '../activities/message-activities.js';
import type { NotificationActivities } from '../activities/notification-activities.js';
import { DEFAULT_TASK_QUEUE } from '../contract/ids.js';
import { FAILURE_CONVERTER_PATH } from '../encryption/data-converter.js';
import type { TracingSinks } from '../workflows/tracing.js';
import type { WorkerTracing } from './trace-worker.js';

export interface DeliveryWorkerOptions {
  readonly connection: NativeConnection;
  /** Those of `messageNotification` may be left out when no delivery is started with `notify`. */
  readonly activities: MessageActivities & Partial<NotificationActivities>;
  /** Default `default`. */
  readonly namespace?: string;
  /** Default `message-delivery`. */
  readonly taskQueue?: string;
  /** That of the clients: see `createDataConverter`. Default: Temporal's own. */
  readonly dataConverter?: DataConverter | undefined;
  /** Absent: no span is made. */
  readonly tracing?: WorkerTracing | undefined;
  /** Anything else that Temporal's Worker takes; wins over the settings here. */
  readonly worker?: Partial<WorkerOptions>;
}

/**
 * A worker for deliveries, not yet running: `await worker.run()`. Knows no configuration and installs no Runtime, so it can
 * stand beside others in one process.
 */
export async function createDeliveryWorker(options: DeliveryWorkerOptions): Promise<Worker> {
  const { connection, namespace = 'default', taskQueue = DEFAULT_TASK_QUEUE } = options;
  const dataConverter = options.worker?.dataConverter ?? options.dataConverter;
  const autoscaling = (await scalesPollers(connection, namespace)) ? AUTOSCALING_POLLERS : {};
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: options.activities,
    ...workflowCode(dataConverter, options.tracing),
    ...(dataConverter !== undefined && { dataConverter }),
    ...SETTINGS,
    ...autoscaling,
    ...options.worker,
    sinks: { ...UNTRACED, ...options.tracing?.sinks, ...options.worker?.sinks },
  });
}

/** The workflows tell of their spans all the same: see src/workflows/tracing.ts. */
const UNTRACED: InjectedSinks<TracingSinks> = { tracing: { span: { fn: () => undefined } } };

const SETTINGS = {
  // By default it follows the heap's size, which says nothing about the memory of a container. A delivery that left the
  // cache is replayed from a dozen events when its next one comes.
  maxCachedWorkflows: 500,
  // How long a delivery waits for the worker that had it cached once that one is dead. Default: 10 s.
  stickyQueueScheduleToStartTimeout: '3s',
  // A request of at most 10 s in a startToCloseTimeout of 12 s may end after SIGTERM; by default it would be cut off.
  shutdownGraceTime: '15s',
  shutdownForceTime: '20s',
  maxConcurrentWorkflowTaskExecutions: 100,
  // Each waits for an answer, for 10 s if RBM hangs: when many deliveries expire together, the SMS must not queue behind those.
  maxConcurrentActivityTaskExecutions: 1_000,
  maxConcurrentLocalActivityExecutions: 200,
} as const satisfies Partial<WorkerOptions>;

const AUTOSCALING_POLLERS = {
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
} as const satisfies Partial<WorkerOptions>;

/** Older servers don't say so; then the SDK's fixed number of pollers stays. */
async function scalesPollers(connection: NativeConnection, namespace: string): Promise<boolean> {
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
    return namespaceInfo?.capabilities?.pollerAutoscaling === true;
  } catch {
    return false; // Temporal's time-skipping test server has no such call.
  }
}

/**
 * The bundle that the build made for this converter (with our lenient payload converter inside), else the sources. A failure converter is part of the bundle (the SDK
 * ignores a worker's own beside one), and ours is for encryption only: without a codec it would hide messages from nobody
 * but the reader of the Web UI. Hence a bundle each.
 */
function workflowCode(
  converter: DataConverter | undefined,
  tracing: WorkerTracing | undefined,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'interceptors'> {
  const activity = tracing === undefined ? [] : [tracing.activities];
  const bundle = bundleFor(converter);
  const codePath = bundle && fileURLToPath(new URL(`../${bundle}`, import.meta.url));
  if (codePath !== undefined && existsSync(codePath)) {
    return { workflowBundle: { codePath }, interceptors: { activity } };
  }
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const source = (name: string) => fileURLToPath(new URL(`../workflows/${name}.${extension}`, import.meta.url));
  return { workflowsPath: source('index'), interceptors: { activity, workflowModules: [source('tracing')] } };
}

/** undefined: an embedder's own converter, which the SDK bundles with the sources. */
function bundleFor({ failureConverterPath, payloadConverterPath }: DataConverter = {}): string | undefined {
  if (payloadConverterPath !== undefined) return undefined;
  if (failureConverterPath === undefined) return 'workflow-bundle.js';
  return failureConverterPath === FAILURE_CONVERTER_PATH ? 'workflow-bundle-encrypting.js' : undefined;
}
