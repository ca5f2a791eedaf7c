/** A worker for deliveries inside a program of one's own. */
export { createDeliveryWorker, type DeliveryWorkerOptions } from './create-worker.js';
export { HISTOGRAM_BUCKETS } from '../observability/metrics.js';
