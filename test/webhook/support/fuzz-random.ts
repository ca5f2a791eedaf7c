/** Random choices that are the same for the same seed on every machine. */
export interface Chance {
  /** 0 ≤ x < 1. */
  readonly unit: () => number;
  /** 0 ≤ n < limit. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(values: readonly [T, ...T[]]) => T;
  /** True with this probability. */
  readonly share: (probability: number) => boolean;
  readonly bytes: (length: number) => Buffer;
  readonly uuid: () => string;
}

/** The generator mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const word = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const unit = () => word() / 2 ** 32;
  const below = (limit: number) => Math.floor(unit() * limit);
  const bytes = (length: number) => {
    const made = Buffer.alloc(length);
    for (let at = 0; at < length; at += 1) made[at] = word() & 0xff;
    return made;
  };
  const hex = () => word().toString(16).padStart(8, '0');
  return {
    unit,
    below,
    pick: (values) => values[below(values.length)] ?? values[0],
    share: (probability) => unit() < probability,
    bytes,
    uuid: () => {
      const [middle, last] = [hex(), hex()];
      return `${hex()}-${middle.slice(0, 4)}-${middle.slice(4)}-${last.slice(0, 4)}-${last.slice(4)}${hex()}`;
    },
  };
}
