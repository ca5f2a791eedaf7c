import { availableParallelism, totalmem } from 'node:os';

const MEGABYTE = 1024 ** 2;
/** A busy worker without any cached workflow takes less. */
const BASE = 400 * MEGABYTE;
/** Room for a cached workflow. One with a short text takes 0.1 MB; the rest is for rich cards and longer histories. */
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

/** The limit of the container, or one core's share of the machine: each core is to have a worker process. Bytes. */
export function memoryOfThisProcess(): number {
  const limit = process.constrainedMemory();
  // Zero or a huge number without a limit.
  const isLimited = limit > 0 && limit < totalmem();
  return isLimited ? limit : Math.floor(totalmem() / availableParallelism());
}
