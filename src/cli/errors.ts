import { DeliveryError, InvalidInputError, type DeliveryErrorCode } from '../client/client-errors.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { TemporalConnection } from '../config/temporal-connection.js';

/** The command line, or a file that it names, is wrong. The message says what to do and repeats no input. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command did only a part of its work, or none. The message is for an operator. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
}

/** Temporal, or every worker, did not answer. The same command may succeed later. */
export class UnavailableError extends CommandFailedError {}

export const noNamespace = ({ address, namespace }: Pick<TemporalConnection, 'address' | 'namespace'>): UsageError =>
  new UsageError(`Temporal at ${address} has no namespace ${namespace} (TEMPORAL_NAMESPACE)`);

/** Scripts rely on these: changing one is a breaking change. */
export const EXIT = { ok: 0, failure: 1, usage: 2, notFound: 3, unavailable: 4 } as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failed; the reason is printed
  2  wrong usage, input or configuration, or the message was started with
     another input: nothing was done
  3  no such delivery
  4  Temporal, or every worker, did not answer: try again`;

const CODES: Readonly<Record<DeliveryErrorCode, number>> = {
  INVALID_INPUT: EXIT.usage,
  CONFLICT: EXIT.usage,
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
  if (error instanceof UnavailableError) return EXIT.unavailable;
  if (error instanceof ConfigurationError || error instanceof UsageError) return EXIT.usage;
  return EXIT.failure;
}

/** What stderr shows of an error. A wrong input gets one line per field. */
export function messageOf(error: unknown): string {
  if (error instanceof InvalidInputError) {
    return ['wrong input:', ...error.problems.map(({ field, problem }) => `  ${field} ${problem}`)].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}
