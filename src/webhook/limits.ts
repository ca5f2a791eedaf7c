import { KEEP_ALIVE_MS, type ConnectionLimits } from '../http/connections.js';

/** Every limit of the webhook. Times are in milliseconds, sizes in bytes. */
export interface WebhookLimits extends ConnectionLimits {
  /** The longest body of RBM's that is read. A longer one is answered 413. */
  readonly rbmBodyBytes: number;
  /** The longest SMS receipt that is read. A longer one is answered 413. */
  readonly smsBodyBytes: number;
  /** The memory that bodies of more than 16 KiB share until they are answered; 503 beyond. Events are smaller. */
  readonly bodiesBytes: number;
  /** Calls to Temporal at one time. */
  readonly signalsInFlight: number;
  /** Events that may wait for such a call. The next one is answered 503, so that the sender repeats it. */
  readonly signalsWaiting: number;
  /** How long each of them may wait before it is answered 503. */
  readonly signalWaitMs: number;
  /** Events being forwarded, or handled by `onEvent`, at one time. */
  readonly forwardsInFlight: number;
  /** Events that may wait to be forwarded. The next one is answered 503. */
  readonly forwardsWaiting: number;
  /** How long each of them may wait before it is answered 503. */
  readonly forwardWaitMs: number;
  /** How long `onEvent` may take before its event is answered 503. */
  readonly handlerTimeoutMs: number;
  /** Recent events that are remembered, to answer a repetition without Temporal. Each takes about 200 bytes. */
  readonly remembered: number;
  /** How long /readyz waits for Temporal. */
  readonly readinessTimeoutMs: number;
  /** How long an answer of /readyz, and a text of /metrics, is used again. */
  readonly answersHoldMs: number;
  /**
   * How long `close()` waits for a request that has not arrived completely. Its sender gets no answer, and repeats it.
   */
  readonly stalledMs: number;
  /**
   * How long `close()` waits for requests in progress before it closes their connections. It must be longer than
   * `stalledMs`, both waits, and the time limits of Temporal, `onEvent` and the forward URL together.
   */
  readonly drainMs: number;
}

/** All that is under way or waits takes fewer connections than there are: a slow receiver leaves room for events. */
export const DEFAULT_LIMITS: WebhookLimits = {
  rbmBodyBytes: 256 * 1024,
  smsBodyBytes: 64 * 1024,
  bodiesBytes: 32 * 1024 * 1024,
  signalsInFlight: 200,
  signalsWaiting: 1_000,
  signalWaitMs: 3_000,
  forwardsInFlight: 100,
  forwardsWaiting: 500,
  forwardWaitMs: 3_000,
  handlerTimeoutMs: 5_000,
  remembered: 50_000,
  readinessTimeoutMs: 2_000,
  answersHoldMs: 1_000,
  connections: 2_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionTimeoutMs: 60_000,
  keepAliveTimeoutMs: KEEP_ALIVE_MS,
  stalledMs: 2_000,
  drainMs: 24_000,
};

/** Fills in the defaults. Throws a TypeError for a limit that does not exist, such as one of an older version. */
export function limitsOf(given: Partial<WebhookLimits> = {}): WebhookLimits {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(DEFAULT_LIMITS, name));
  if (unknown.length > 0) throw new TypeError(`limits has no ${unknown.join(', ')}: see WebhookLimits`);
  return { ...DEFAULT_LIMITS, ...given };
}
