import { DeliveryError, type DeliveryErrorCode } from '../client/client-errors.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { OutOfReachError } from './out-of-reach-error.js';
import { UsageError } from './usage-error.js';

/** Scripts rely on these: changing one is a breaking change. */
export const EXIT = { ok: 0, failure: 1, usage: 2, notFound: 3, unavailable: 4 } as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  it failed, for a reason that is printed
  2  wrong usage, wrong input or wrong configuration: nothing was done
  3  no such delivery
  4  Temporal or every worker is out of reach: try again`;

const CODES: Readonly<Record<DeliveryErrorCode, number>> = {
  INVALID_INPUT: EXIT.usage,
  DELIVERY_NOT_FOUND: EXIT.notFound,
  DELIVERY_CLOSED: EXIT.failure,
  DELIVERY_FAILED: EXIT.failure,
  UPDATE_REJECTED: EXIT.failure,
  NO_WORKER: EXIT.unavailable,
  TEMPORAL_UNAVAILABLE: EXIT.unavailable,
  TEMPORAL_REFUSED: EXIT.usage,
};

export function exitCodeFor(error: unknown): number {
  if (error instanceof DeliveryError) return CODES[error.code];
  if (error instanceof OutOfReachError) return EXIT.unavailable;
  if (error instanceof ConfigurationError || error instanceof UsageError) return EXIT.usage;
  return EXIT.failure;
}
