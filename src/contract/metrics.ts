/**
 * The worker's metrics, in addition to those of Temporal's SDK; docs/metrics.md says what each is for. Names and labels
 * are public: dashboards and alerts rely on them. Every label's values come from a fixed list, never from a caller or a
 * phone.
 */
export interface MetricDefinition {
  /** Without the suffix that the exporter adds: see {@link prometheusName}. */
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  /** The buckets of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Up to RBM's longest time to live (15 days). */
const LONG = [
  1,
  2,
  5,
  10,
  30,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  12 * HOUR,
  DAY,
  3 * DAY,
  7 * DAY,
  15 * DAY,
];
/** Up to the longest wait for an answer (10 s). */
const REQUEST_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const METRICS = {
  settled: {
    name: 'rcs_delivery_settled',
    kind: 'counter',
    help: 'Deliveries that settled, by outcome',
    labels: ['outcome', 'channel', 'reason', 'traffic_type'],
  },
  otherSender: {
    name: 'rcs_delivery_events_from_another_number',
    kind: 'counter',
    help: "RBM's events that a delivery ignored, since they came from another number than its recipient's",
    labels: ['event'],
  },
  ignoredSignals: {
    name: 'rcs_delivery_ignored_signals',
    kind: 'counter',
    help: 'Signals that were ignored: sealed (this worker lacks the key), cleartext (encryption is required) or invalid',
    labels: ['signal', 'reason'],
  },
  cleartext: {
    name: 'rcs_delivery_cleartext_payloads',
    kind: 'counter',
    help: 'Starts, signals and updates that came in cleartext to a worker with keys',
    labels: ['kind'],
  },
  untyped: {
    name: 'rcs_delivery_untyped_creates',
    kind: 'counter',
    help: 'Creates without a messageTrafficType, which RBM is going to require',
    labels: [],
  },
  timeToDelivery: {
    name: 'rcs_delivery_time_to_delivery',
    kind: 'histogram',
    help: 'From the start of a delivery to the proof that the RCS message or the SMS arrived',
    labels: ['channel', 'traffic_type'],
    buckets: LONG,
  },
  duplicates: {
    name: 'rcs_delivery_duplicates',
    kind: 'counter',
    help: 'Deliveries whose recipient got, or may have got, both the RCS message and the SMS',
    labels: ['traffic_type'],
  },
  revocations: {
    name: 'rcs_delivery_revocations',
    kind: 'counter',
    help: "Answers to DELETE, and RBM's TTL events, counted when the delivery settles",
    labels: ['answer'],
  },
  fallbacks: {
    name: 'rcs_delivery_fallbacks',
    kind: 'counter',
    help: 'Deliveries that fell back to SMS, counted at the first request, by reason',
    labels: ['reason', 'traffic_type'],
  },
  fallbackLateness: {
    name: 'rcs_delivery_fallback_lateness',
    kind: 'histogram',
    help: 'How long after its deadline the SMS was requested, where whenUncertain is send',
    labels: ['traffic_type'],
    buckets: [1, 5, 15, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY],
  },
  rbmRequests: {
    name: 'rcs_delivery_rbm_request_duration',
    kind: 'histogram',
    help: "Requests to RBM's API, by result",
    labels: ['operation', 'result', 'status'],
    buckets: REQUEST_SECONDS,
  },
  smsRequests: {
    name: 'rcs_delivery_sms_request_duration',
    kind: 'histogram',
    help: 'Requests to the SMS providers, by result and reason',
    labels: ['provider', 'operation', 'result', 'reason'],
    buckets: REQUEST_SECONDS,
  },
  smsWithoutId: {
    name: 'rcs_delivery_sms_without_id',
    kind: 'counter',
    help: 'SMS that a provider accepted without an id that can be kept: it may not have accepted them at all',
    labels: ['provider'],
  },
  open: {
    name: 'rcs_delivery_open',
    kind: 'gauge',
    help: 'Deliveries of the namespace whose workflow runs; NaN if Temporal did not answer',
    labels: [],
  },
  pastExpiry: {
    name: 'rcs_delivery_past_expiry',
    kind: 'gauge',
    help: 'Those of them whose expiry has passed; NaN if Temporal did not answer',
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;

/** The name in Prometheus; of a histogram, without `_bucket`, `_sum` and `_count`. */
export const prometheusName = ({ name, kind }: Pick<MetricDefinition, 'name' | 'kind'>): string =>
  `${name}${SUFFIXES[kind]}`;

const SUFFIXES = { counter: '_total', histogram: '_seconds', gauge: '' } as const;
