/**
 * What the worker measures beside Temporal's SDK; docs/metrics.md tells what each is good for. Names and labels are public:
 * dashboards and alerts rely on them. Every label's values come from a fixed list; none is a word of a caller or of a phone.
 */
export interface MetricDefinition {
  /** Without the suffix that the exporter adds: see {@link prometheusName}. */
  readonly name: string;
  readonly kind: 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Up to RBM's longest time to live. */
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
/** 10 s is the longest that we wait for an answer. */
const REQUEST = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const METRICS = {
  settled: {
    name: 'rcs_delivery_settled',
    kind: 'counter',
    help: 'Deliveries that ended, by outcome',
    labels: ['outcome', 'channel', 'traffic_type'],
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
    help: 'Deliveries of which the person got, or may have got, both the RCS message and the SMS',
    labels: ['traffic_type'],
  },
  revocations: {
    name: 'rcs_delivery_revocations',
    kind: 'counter',
    help: 'Answers to our revocations, and what RBM said of its own, counted when the delivery ends',
    labels: ['answer'],
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
    help: "Requests to RBM's API, by what came of them",
    labels: ['operation', 'result', 'status'],
    buckets: REQUEST,
  },
  smsRequests: {
    name: 'rcs_delivery_sms_request_duration',
    kind: 'histogram',
    help: 'Requests to the SMS provider, by what came of them',
    labels: ['provider', 'operation', 'result'],
    buckets: REQUEST,
  },
} as const satisfies Record<string, MetricDefinition>;

/** As Prometheus sees it. Of a histogram: the name before `_bucket`, `_sum` and `_count`. */
export const prometheusName = ({ name, kind }: Pick<MetricDefinition, 'name' | 'kind'>): string =>
  `${name}${kind === 'counter' ? '_total' : '_seconds'}`;
