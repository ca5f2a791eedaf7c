import type { NativeConnection } from '@temporalio/worker';
import { checkSearchAttributes } from '../temporal/namespace-search-attributes.js';
import type { Logger } from '../observability/logger.js';

export interface CheckOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly logger: Logger;
}

/** One line about what operators will miss. Deliveries run without: this never throws, and takes two seconds at most. */
export async function warnOfMissingSearchAttributes({ connection, namespace, logger }: CheckOptions): Promise<void> {
  try {
    const { missing, conflicting } = await checkSearchAttributes({ connection, namespace, timeoutMs: 2_000 });
    const ofAnotherType = conflicting.map(({ name }) => name);
    if (missing.length + ofAnotherType.length === 0) return;
    logger.warn(
      { namespace, missing, ...(ofAnotherType.length > 0 && { ofAnotherType }) },
      'the namespace lacks search attributes: deliveries run, but cannot be listed by them; run rcs-delivery setup',
    );
  } catch (error) {
    // Not everybody may ask, Temporal Cloud among them.
    logger.debug({ namespace, error }, 'search attributes could not be looked at');
  }
}
