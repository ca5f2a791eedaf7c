/** A stream of numbers from 0 to 1 that only depends on the seed. */
export interface Random {
  readonly next: () => number;
  /** A whole number from 0 to `below` - 1. */
  readonly integer: (below: number) => number;
  /** A UUID, version 4 by its form. */
  readonly uuid: () => string;
}

/** Mulberry32: 32 bits of state are enough for ids and for shuffling. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number) => Math.floor(next() * below);
  const hex = (digits: number) => Array.from({ length: digits }, () => integer(16).toString(16)).join('');
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${(8 + integer(4)).toString(16)}${hex(3)}-${hex(12)}`;
  return { next, integer, uuid };
}
