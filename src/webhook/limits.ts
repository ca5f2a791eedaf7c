/** Every bound of the webhook's. Milliseconds, bytes or counts. */
export interface WebhookLimits {
  /** The longest body that is read; 413 beyond. */
  readonly bodyBytes: number;
  /** What all bodies of more than 16 KiB may take together, from their coming to their answer; 503 beyond. Events are small. */
  readonly bodiesBytes: number;
  /** Calls to Temporal at one time. */
  readonly signalsInFlight: number;
  /** Events that may wait for such a call; 503 beyond, so that the sender repeats. */
  readonly signalsWaiting: number;
  /** How long each of them may wait; then 503. */
  readonly signalWaitMs: number;
  /** Events being forwarded or handled by `onEvent` at one time. */
  readonly forwardsInFlight: number;
  /** Events that may wait to be forwarded or handled; 503 beyond. */
  readonly forwardsWaiting: number;
  /** How long each of them may wait; then 503. */
  readonly forwardWaitMs: number;
  /** How long `onEvent` may take; 503 beyond. */
  readonly handlerTimeoutMs: number;
  /** Events kept in mind to answer a repetition without Temporal. About 200 bytes each. */
  readonly remembered: number;
  /** How long /readyz waits for Temporal. */
  readonly readinessTimeoutMs: number;
  /** Open connections. For one more, that is dropped which has been idle for longest. */
  readonly connections: number;
  /** How long a request's headers may take to arrive. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive: a slow sender gets 408. */
  readonly requestTimeoutMs: number;
  /** How long a connection may be silent within a request; longer than any answer of ours takes. */
  readonly connectionTimeoutMs: number;
  /** How long an idle connection is kept; longer than a load balancer keeps its own (60 s is common), or it races us. */
  readonly keepAliveTimeoutMs: number;
  /** How long `close()` lets a sender go on whose request has not come whole; it is unacknowledged, and comes again. */
  readonly stalledMs: number;
  /**
   * How long `close()` waits for requests in flight before it cuts them off, unacknowledged; longer than a request may
   * take to arrive then, to wait, and than Temporal, `onEvent` and the forward URL may take together.
   */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: WebhookLimits = {
  bodyBytes: 1024 * 1024,
  bodiesBytes: 32 * 1024 * 1024,
  signalsInFlight: 200,
  signalsWaiting: 2_000,
  signalWaitMs: 3_000,
  forwardsInFlight: 100,
  forwardsWaiting: 2_000,
  forwardWaitMs: 3_000,
  handlerTimeoutMs: 5_000,
  remembered: 50_000,
  readinessTimeoutMs: 2_000,
  connections: 2_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionTimeoutMs: 60_000,
  keepAliveTimeoutMs: 75_000,
  stalledMs: 2_000,
  drainMs: 25_000,
};
