/** Many times an event of RBM's. So much of a body needs nobody's leave. Bytes. */
export const SMALL = 16 * 1024;

/** The memory that large bodies share. */
export interface BodyBudget {
  /** False when there is not so much left; nothing is taken then. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/**
 * A body must be read before its signature can be checked, so anybody can make us hold one. All large ones together get
 * this much memory; small ones, as events are, always find room.
 */
export function createBodyBudget(bytes: number): BodyBudget {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    give(taken) {
      left += taken;
    },
  };
}
