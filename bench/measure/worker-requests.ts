/**
 * How many heartbeats a worker has sent to Temporal, from the text of its `/metrics`. Each is an action, and no history
 * shows it.
 */
export function heartbeatsIn(metrics: string): number {
  const lines = metrics.matchAll(/^temporal_request_total\{([^}]*)\} (\d+)$/gm);
  return [...lines]
    .filter(([, labels = '']) => labels.includes('operation="RecordActivityTaskHeartbeat"'))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

/** Reads the metrics of a worker that was started with this METRICS_PORT. */
export async function readMetrics(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
}
