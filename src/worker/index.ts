/** A worker for deliveries, for your own program. */
export { createDeliveryWorker, type DeliveryWorkerOptions } from './create-worker.js';
export { HISTOGRAM_BUCKETS } from '../observability/metrics.js';
export { createRunHistories, type RunHistoriesOptions } from '../temporal/run-histories.js';
