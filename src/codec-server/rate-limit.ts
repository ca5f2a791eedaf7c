export interface RateLimit {
  /** May this caller make one more request now? */
  take(caller: string): boolean;
}

/** A token bucket per caller. For callers that are few: authenticated ones. */
export function createRateLimit({
  perSecond,
  burst,
  now = () => performance.now(),
}: {
  readonly perSecond: number;
  readonly burst: number;
  /** Milliseconds. */
  readonly now?: () => number;
}): RateLimit {
  const buckets = new Map<string, { level: number; at: number }>();
  return {
    take(caller) {
      const at = now();
      const before = buckets.get(caller) ?? { level: burst, at };
      const level = Math.min(burst, before.level + ((at - before.at) / 1_000) * perSecond);
      const granted = level >= 1;
      buckets.set(caller, { level: granted ? level - 1 : level, at });
      return granted;
    },
  };
}
