import type { NativeConnection } from '@temporalio/worker';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import type { DeliveryActivities } from '../../src/worker/delivery-activities.js';
import type { DeliveryWorker } from '../../src/worker/delivery-worker.js';
import { builtWorkflows } from './workflow-bundle.js';

export interface TestWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace?: string;
  readonly taskQueue: string;
  readonly activities: DeliveryActivities;
  readonly maxCachedWorkflows?: number;
}

/** The worker that users run, with the workflows as the build bundled them. */
export function createTestWorker({ maxCachedWorkflows, ...options }: TestWorkerOptions): Promise<DeliveryWorker> {
  const cache = maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows };
  return createDeliveryWorker({ ...options, worker: { ...builtWorkflows, ...cache } });
}
