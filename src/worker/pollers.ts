import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { withDeadline } from '../temporal/deadline.js';
import type { WorkerSettings } from './worker-settings.js';

type PollerOptions = Pick<WorkerOptions, 'workflowTaskPollerBehavior' | 'activityTaskPollerBehavior'>;

/** As many polls as there is work for. An older server does not say how many that are: then the SDK's fixed numbers. */
export async function pollersFor(
  connection: NativeConnection,
  namespace: string,
  settings: WorkerSettings,
): Promise<PollerOptions> {
  return (await scalesPollers(connection, namespace)) ? autoscalingPollers(settings) : {};
}

/**
 * A queue that was idle keeps this many polls. The SDK would go down to one, and ten codes a second after a quiet minute
 * would wait for seconds until it has gone up again. In a herd the server takes half a second for each poll, so five are
 * not enough for ten codes a second.
 */
const LEAST_POLLERS = 10;

export function autoscalingPollers({ maxPollers }: Pick<WorkerSettings, 'maxPollers'>): PollerOptions {
  const minimum = Math.min(LEAST_POLLERS, maxPollers);
  const behavior = { type: 'autoscaling', minimum, initial: minimum, maximum: maxPollers } as const;
  return { workflowTaskPollerBehavior: behavior, activityTaskPollerBehavior: behavior };
}

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
