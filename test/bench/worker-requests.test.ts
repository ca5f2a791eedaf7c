import { expect, test } from 'vitest';
import { heartbeatsIn } from '../../bench/measure/worker-requests.js';

const line = (operation: string, count: number) =>
  `temporal_request_total{namespace="default",operation="${operation}",service_name="temporal-core-sdk"} ${String(count)}`;

test('heartbeats are counted over all lines, other requests are not', () => {
  const metrics = [
    '# TYPE temporal_request_total counter',
    line('RecordActivityTaskHeartbeat', 3),
    line('RespondWorkflowTaskCompleted', 50),
    line('RecordActivityTaskHeartbeat', 2),
    'temporal_request_latency_seconds_count{operation="RecordActivityTaskHeartbeat"} 99',
  ];
  expect(heartbeatsIn(`${metrics.join('\n')}\n`)).toBe(5);
});

test('a worker that has sent none has no such line', () => {
  expect(heartbeatsIn(line('PollWorkflowTaskQueue', 7))).toBe(0);
});
