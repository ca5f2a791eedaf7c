/** Every bound of the codec server's. Milliseconds, bytes or counts. */
export interface CodecServerLimits {
  /** The longest body that is read; 413 beyond. The largest page of a history (4 MB) in base64 fits. */
  readonly bodyBytes: number;
  readonly payloads: number;
  /** Per caller; 429 beyond. The Web UI asks once per event that it shows. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly connections: number;
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
  /** How long a connection may be silent within a request. */
  readonly connectionTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
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
  keepAliveTimeoutMs: 75_000,
};
