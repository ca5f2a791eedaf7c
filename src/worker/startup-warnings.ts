import type { NativeConnection } from '@temporalio/worker';
import { within } from '../http/within.js';
import type { Logger } from '../observability/logger.js';
import type { RbmAuth } from '../rbm/rbm-auth.js';
import { retentionDays, retentionProblem } from '../temporal/namespace-retention.js';
import { checkSearchAttributes } from '../temporal/namespace-search-attributes.js';

export interface AccessCheckOptions {
  readonly auth: RbmAuth;
  readonly logger: Logger;
  /** Stops the check. Then nothing is logged. */
  readonly signal: AbortSignal;
  /** Milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

const NO_ACCESS =
  'no access token for RBM: nothing is sent until there is one; see GOOGLE_APPLICATION_CREDENTIALS and its service account';

const A_PERSON =
  "RBM is called with a person's credentials, which end with that person's access; use those of a service account";

/**
 * Logs one warning at once if there is no access token for RBM, rather than one failure per delivery. Never throws: the
 * credentials may come later, and each delivery tries again. A token that it gets serves the first delivery. Also
 * warns of a person's credentials.
 */
export async function warnWithoutAccess(options: AccessCheckOptions): Promise<void> {
  const { auth, logger, signal, timeoutMs = 10_000 } = options;
  try {
    await within(auth.accessToken(), timeoutMs, signal);
    if (auth.caller?.()?.isPerson === true) logger.warn(A_PERSON);
  } catch (error) {
    if (signal.aborted) return;
    // The message of an RbmError holds no secret, and that of a timeout says only that it took too long.
    logger.warn({ reason: error instanceof Error ? error.message : 'unknown' }, NO_ACCESS);
  }
}

export interface NamespaceCheckOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly logger: Logger;
}

/** Logs one warning if the namespace lacks search attributes. Never throws, since deliveries run without them. */
export async function warnOfMissingSearchAttributes(options: NamespaceCheckOptions): Promise<void> {
  const { connection, namespace, logger } = options;
  try {
    const { missing, conflicting } = await checkSearchAttributes({ connection, namespace, timeoutMs: 2_000 });
    const ofAnotherType = conflicting.map(({ name }) => name);
    if (missing.length + ofAnotherType.length === 0) return;
    logger.warn(
      { namespace, missing, ...(ofAnotherType.length > 0 && { ofAnotherType }) },
      'the namespace lacks search attributes: deliveries run, but cannot be listed by them; run rcs-delivery setup',
    );
  } catch (error) {
    // Not every client may read them, on Temporal Cloud for example.
    logger.debug({ namespace, error }, 'search attributes could not be read');
  }
}

/**
 * Logs one warning if the namespace keeps closed deliveries for less than 8 days. Never throws, since not every client
 * may read its settings.
 */
export async function warnOfShortRetention(options: NamespaceCheckOptions): Promise<void> {
  const { connection, namespace, logger } = options;
  try {
    const days = await retentionDays({ connection, namespace, timeoutMs: 2_000 });
    const problem = retentionProblem(namespace, days);
    if (problem !== undefined) logger.warn({ namespace, retentionDays: days }, problem);
  } catch (error) {
    logger.debug({ namespace, error }, 'the retention could not be read');
  }
}
