import { within } from '../http/within.js';
import type { Logger } from '../observability/logger.js';
import type { RbmAuth } from '../rbm/rbm-auth.js';

export interface AccessCheckOptions {
  readonly auth: RbmAuth;
  readonly logger: Logger;
  /** Ends the asking, and then nothing is said. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

const HINT =
  'no access token for RBM: until there is one nothing is sent; see GOOGLE_APPLICATION_CREDENTIALS and its service account';

/**
 * One line at once, instead of deliveries that fail one by one. Never throws, and nobody waits for it: the credentials may
 * come later, and each delivery tries anew. What it gets serves the first delivery.
 */
export async function warnWithoutAccess(options: AccessCheckOptions): Promise<void> {
  const { auth, logger, signal, timeoutMs = 10_000 } = options;
  try {
    await within(auth.accessToken(), timeoutMs, signal);
  } catch (error) {
    if (signal.aborted) return;
    // An RbmError's message names no secret; `within` says that it took too long.
    logger.warn({ reason: error instanceof Error ? error.message : 'unknown' }, HINT);
  }
}
