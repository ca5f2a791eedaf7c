/** The SDK's metrics that the dashboard and the alerts use. metrics.test.ts checks that a real worker has them. */
export const SDK_METRICS = {
  always: [
    'temporal_activity_schedule_to_start_latency_seconds_bucket',
    'temporal_num_pollers',
    'temporal_sticky_cache_size',
    'temporal_worker_task_slots_available',
    'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
  ],
  /** Appears only after the first failure. */
  onFailure: [
    'temporal_activity_execution_failed_total',
    'temporal_request_failure_total',
    'temporal_workflow_failed_total',
    'temporal_workflow_task_execution_failed_total',
  ],
};
