import type { RuntimeOptions } from '@temporalio/worker';
import { METRICS } from '../contract/metrics.js';

type Telemetry = NonNullable<RuntimeOptions['telemetryOptions']>;

/** The SDK's own stop at 10 s, which is nothing in a delivery's life. */
const DELIVERY_LIFE = METRICS.timeToDelivery.buckets;

/**
 * Buckets for our histograms and for those of the SDK that its own don't fit. For the Runtime of one's own program, as
 * `metrics.prometheus.histogramBucketOverrides`.
 */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = {
  ...Object.fromEntries(
    Object.values(METRICS).flatMap((metric) => ('buckets' in metric ? [[metric.name, [...metric.buckets]]] : [])),
  ),
  workflow_endtoend_latency: [...DELIVERY_LIFE],
};

/** A part of Runtime.install's options: `/metrics` on all interfaces, names as Prometheus wants them, seconds. */
export function prometheusMetrics(port: number): Pick<Telemetry, 'metrics'> {
  return {
    metrics: {
      prometheus: {
        bindAddress: `0.0.0.0:${String(port)}`,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides: { ...HISTOGRAM_BUCKETS },
      },
    },
  };
}
