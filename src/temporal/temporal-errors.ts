import { DeliveryError } from '../contract/delivery-error.js';

/**
 * Temporal did not answer or failed, so the call may or may not have taken effect. Repeat it: `start` is idempotent,
 * and the webhook answers 503, so that the sender repeats the event.
 */
export class TemporalUnavailableError extends DeliveryError {
  readonly code = 'TEMPORAL_UNAVAILABLE';

  /**
   * `reason` is short and holds nothing that the server wrote, since that may repeat an id: `no connection`, `gRPC
   * status 8`.
   */
  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`Temporal is not available (${reason})`, { cause });
  }
}

/** Temporal refused the call: the namespace, the credentials or the client's settings are wrong. */
export class TemporalRefusedError extends DeliveryError {
  readonly code = 'TEMPORAL_REFUSED';

  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`Temporal refused the call (${reason})`, options);
  }
}

/**
 * No worker answered in time: none runs on this task queue, or all are busy. A requested change may still take effect
 * when a worker is back, so read `status()` before you request it again.
 */
export class NoWorkerError extends DeliveryError {
  readonly code = 'NO_WORKER';

  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(`no worker answered within ${String(timeoutMs / 1000)} s`, options);
  }
}
