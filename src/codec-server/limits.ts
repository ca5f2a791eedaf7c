import { KEEP_ALIVE_MS, type ConnectionLimits } from '../http/connections.js';

/** The codec server's limits: milliseconds, bytes or counts. */
export interface CodecServerLimits extends ConnectionLimits {
  /** The longest body; a longer one gets 413. The largest page of a history (4 MB) in base64 fits. */
  readonly bodyBytes: number;
  /** The most payloads in one request; more get 413. */
  readonly payloads: number;
  /** The rate per caller; beyond it requests get 429. The Web UI sends one request per event that it shows. */
  readonly requestsPerSecond: number;
  /** How many requests a caller may send at once. */
  readonly burst: number;
}

export const DEFAULT_LIMITS: CodecServerLimits = {
  bodyBytes: 6 * 1024 * 1024,
  payloads: 2_000,
  requestsPerSecond: 100,
  burst: 500,
  connections: 200,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionTimeoutMs: 30_000,
  keepAliveTimeoutMs: KEEP_ALIVE_MS,
};

export interface RateLimit {
  /** Whether this caller may make a request now. If so, counts it. */
  allows(caller: string): boolean;
}

/** A token bucket per caller. Buckets are never removed, so use it for authenticated callers, which are few. */
export function createRateLimit({
  perSecond,
  burst,
  now = () => performance.now(),
}: {
  readonly perSecond: number;
  readonly burst: number;
  /** Milliseconds. */
  readonly now?: () => number;
}): RateLimit {
  const buckets = new Map<string, { level: number; at: number }>();
  return {
    allows(caller) {
      const at = now();
      const before = buckets.get(caller) ?? { level: burst, at };
      const level = Math.min(burst, before.level + ((at - before.at) / 1_000) * perSecond);
      const granted = level >= 1;
      buckets.set(caller, { level: granted ? level - 1 : level, at });
      return granted;
    },
  };
}
