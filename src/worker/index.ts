/** A worker for deliveries, for your own program. */
export { createDeliveryWorker, type DeliveryWorkerOptions } from './create-worker.js';
export type { DeliveryActivities } from './delivery-activities.js';
export type { DeliveryWorker, QueueWorker } from './delivery-worker.js';
export { WORKER_DEFAULTS, type WorkerSettings } from './worker-settings.js';
export { HISTOGRAM_BUCKETS } from '../observability/metrics.js';
export { SdkVersionError } from '../temporal/sdk-version-error.js';
export { createRunHistories, type RunHistoriesOptions } from '../temporal/run-histories.js';
