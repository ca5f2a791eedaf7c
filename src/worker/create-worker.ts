import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import {
  Worker,
  type InjectedSinks,
  type NativeConnection,
  type ReplayWorkerOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import type { MessageActivities } from '../activities/message-activities.js';
import type { NotificationActivities } from '../activities/notification-activities.js';
import type { OptOutActivities } from '../activities/opt-out-activities.js';
import { DEFAULT_TASK_QUEUE } from '../contract/ids.js';
import { FAILURE_CONVERTER_PATH } from '../encryption/data-converter.js';
import { withDeadline } from '../temporal/deadline.js';
import type { TracingSinks } from '../workflows/tracing.js';
import type { WorkerTracing } from './trace-worker.js';

export interface DeliveryWorkerOptions {
  readonly connection: NativeConnection;
  /**
   * `messageNotification`'s activities may be left out if no delivery is started with `notify`, those of `optOut` if no
   * opt-outs are recorded.
   */
  readonly activities: MessageActivities & Partial<NotificationActivities & OptOutActivities>;
  /** Default `default`. */
  readonly namespace?: string;
  /** Default `message-delivery`. */
  readonly taskQueue?: string;
  /** The same as the clients use: see `createDataConverter`. Default: Temporal's own. */
  readonly dataConverter?: DataConverter | undefined;
  /** Undefined: no spans. */
  readonly tracing?: WorkerTracing | undefined;
  /** Any other option of Temporal's Worker. Takes precedence over the settings in this file. */
  readonly worker?: Partial<WorkerOptions>;
}

/**
 * A worker for deliveries, not yet running: call `worker.run()`. Reads no environment and installs no Runtime, so it
 * can run next to other workers in one process.
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

/** Workflows report their spans even without tracing (src/workflows/tracing.ts). Here they are dropped. */
const UNTRACED: InjectedSinks<TracingSinks> = { tracing: { span: { fn: () => undefined } } };

/** For `Worker.runReplayHistories`: the workflow code that a worker with this converter runs. */
export function replayOptions(dataConverter: DataConverter | undefined): ReplayWorkerOptions {
  return {
    ...workflowCode(dataConverter, undefined),
    ...(dataConverter !== undefined && { dataConverter }),
    sinks: UNTRACED,
  };
}

const SETTINGS = {
  // By default it follows the heap's size, which says nothing about the memory of a container. An evicted delivery is
  // replayed from a dozen events at its next event.
  maxCachedWorkflows: 500,
  // How long a delivery waits for the worker that has it cached, in case that worker crashed. Default: 10 s.
  stickyQueueScheduleToStartTimeout: '3s',
  // Lets a request finish after SIGTERM: it takes at most 10 s, within a startToCloseTimeout of 12 s. Default: 0.
  shutdownGraceTime: '15s',
  shutdownForceTime: '20s',
  maxConcurrentWorkflowTaskExecutions: 100,
  // An activity waits up to 10 s if RBM hangs. When many deliveries expire together, the SMS must not queue behind those.
  maxConcurrentActivityTaskExecutions: 1_000,
  maxConcurrentLocalActivityExecutions: 200,
} as const satisfies Partial<WorkerOptions>;

const AUTOSCALING_POLLERS = {
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
} as const satisfies Partial<WorkerOptions>;

/** Whether the server supports poller autoscaling. Older servers don't, and keep the SDK's fixed number of pollers. */
async function scalesPollers(connection: NativeConnection, namespace: string): Promise<boolean> {
  try {
    const { namespaceInfo } = await withDeadline(connection, { timeoutMs: 10_000 }, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return namespaceInfo?.capabilities?.pollerAutoscaling === true;
  } catch {
    return false; // The time-skipping test server does not implement this call.
  }
}

/**
 * The workflow bundle that the build made for this converter, or the sources if there is none. There are two bundles,
 * since the SDK takes a failure converter from the bundle only. The one for encryption hides failure messages, which is
 * of no use without a codec.
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

/** Undefined for an embedder's own converter, which the SDK bundles with the sources. */
function bundleFor({ failureConverterPath, payloadConverterPath }: DataConverter = {}): string | undefined {
  if (payloadConverterPath !== undefined) return undefined;
  if (failureConverterPath === undefined) return 'workflow-bundle.js';
  return failureConverterPath === FAILURE_CONVERTER_PATH ? 'workflow-bundle-encrypting.js' : undefined;
}
