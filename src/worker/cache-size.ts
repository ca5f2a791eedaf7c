import { totalmem } from 'node:os';

const MEGABYTE = 1024 ** 2;
/** A busy worker without any cached workflow takes less. */
const BASE = 400 * MEGABYTE;
/** What a cached workflow takes at most, with the content of a rich card; one with a short text takes 0.1 MB. */
const EACH = MEGABYTE / 4;

const LEAST = 500;
const MOST = 8_000;

/**
 * How many workflows a worker keeps in memory by default. A herd that does not fit costs a replay for each workflow task,
 * and so comes more than twice as late. The SDK's own default allows a few dozen in a small container.
 */
export function cacheSizeFor(memoryBytes: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.floor((memoryBytes - BASE) / EACH)));
}

/** The limit of the container, or the memory of the machine. Bytes. */
export function memoryOfThisProcess(): number {
  // Zero or a huge number without a limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
