import type { RuntimeOptions } from '@temporalio/worker';
import { METRICS } from '../contract/metrics.js';

type Telemetry = NonNullable<RuntimeOptions['telemetryOptions']>;

/** The SDK's buckets end at 10 s, but a delivery can take days. */
const DELIVERY_LIFE = METRICS.timeToDelivery.buckets;

/**
 * Buckets for this project's histograms, and for SDK histograms whose default buckets don't fit. A program with its own
 * Runtime passes them as `metrics.prometheus.histogramBucketOverrides`.
 */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = {
  ...Object.fromEntries(
    Object.values(METRICS).flatMap((metric) => ('buckets' in metric ? [[metric.name, [...metric.buckets]]] : [])),
  ),
  workflow_endtoend_latency: [...DELIVERY_LIFE],
};

/**
 * Options for Runtime.install: serves `/metrics` at an address such as `[::]:9464`, with Prometheus' naming and seconds as
 * the unit.
 */
export function prometheusMetrics(bindAddress: string): Pick<Telemetry, 'metrics'> {
  return {
    metrics: {
      prometheus: {
        bindAddress,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides: { ...HISTOGRAM_BUCKETS },
      },
    },
  };
}
