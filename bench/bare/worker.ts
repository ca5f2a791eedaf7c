import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logger.js';
import { temporalLogging } from '../../src/observability/temporal-logger.js';
import { autoscalingPollers } from '../../src/worker/pollers.js';
import { WORKER_DEFAULTS } from '../../src/worker/worker-settings.js';
import { createBareActivities } from './activity.js';

/*
 * The worker of the bare workflow, a process of its own: `worker.ts ADDRESS TASK_QUEUE FAKE_URL`. Its options are those of
 * the delivery worker (src/worker/worker-settings.ts), so that the ratio shows what the delivery costs.
 */
const [address = '', taskQueue = '', fakeUrl = ''] = process.argv.slice(2);

const { logger, telemetryOptions } = temporalLogging(createLogger({ level: 'info', role: 'worker' }));
Runtime.install({ logger, telemetryOptions });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  identity: `bench-bare#${String(process.pid)}`,
  taskQueue,
  activities: createBareActivities(fakeUrl),
  workflowsPath: fileURLToPath(new URL('workflow.ts', import.meta.url)),
  maxCachedWorkflows: WORKER_DEFAULTS.maxCachedWorkflows,
  stickyQueueScheduleToStartTimeout: WORKER_DEFAULTS.stickyTimeout,
  maxConcurrentWorkflowTaskExecutions: WORKER_DEFAULTS.maxWorkflowTasks,
  maxConcurrentActivityTaskExecutions: WORKER_DEFAULTS.maxRbmRequests,
  ...autoscalingPollers(WORKER_DEFAULTS),
});
try {
  await worker.run();
} finally {
  await connection.close();
}
