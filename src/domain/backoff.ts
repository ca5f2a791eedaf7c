import { SECOND } from '../contract/duration.js';

/** Exponential backoff in milliseconds: 1 s after the first try, doubled after each, at most `cap`. */
export function backoff(tries: number, cap: number, first: number = SECOND): number {
  return Math.min(cap, first * 2 ** Math.min(tries - 1, 30));
}
