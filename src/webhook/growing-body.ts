import { SMALL, type BodyBudget } from './body-budget.js';

/** The first buffer; most events need no other. Bytes. */
const FIRST = 1024;

/** The bytes of a body that have come so far. */
export interface GrowingBody {
  /** False when the budget has no room for it. */
  readonly append: (chunk: Uint8Array) => boolean;
  readonly bytes: () => Buffer;
  /** Forgets them, and gives their room back. */
  readonly drop: () => void;
}

/**
 * One buffer, whatever the body comes in: Node makes an object of each chunk, which for a chunk of one byte takes
 * hundreds. What a body holds is charged as it grows, not what it says that it will be.
 */
export function createGrowingBody({
  most,
  budget,
}: {
  /** No room is made ahead beyond this. */
  readonly most: number;
  readonly budget: BodyBudget;
}): GrowingBody {
  let buffer = Buffer.alloc(0);
  let length = 0;
  let taken = 0;

  function grow(needed: number): boolean {
    const size = Math.max(needed, Math.min(most, Math.max(buffer.length * 2, FIRST)));
    const more = size > SMALL ? size - taken : 0;
    if (!budget.take(more)) return false;
    taken += more;
    const larger = Buffer.allocUnsafe(size);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
    return true;
  }

  return {
    append(chunk) {
      const needed = length + chunk.length;
      if (needed > buffer.length && !grow(needed)) return false;
      buffer.set(chunk, length);
      length = needed;
      return true;
    },
    bytes: () => buffer.subarray(0, length),
    drop() {
      budget.give(taken);
      taken = 0;
      length = 0;
      buffer = Buffer.alloc(0);
    },
  };
}
