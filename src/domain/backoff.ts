import { SECOND } from '../contract/duration.js';

/** Exponential backoff in milliseconds: 1 s after the first try, doubled after each, at most `cap`. */
export function backoff(tries: number, cap: number, first: number = SECOND): number {
  return Math.min(cap, first * 2 ** Math.min(tries - 1, 30));
}

/** Growing pauses end here: at `usual`, or longer where there is much time, so that a history stays small (some 200 tries). */
export const longestPause = (time: number, usual: number): number => Math.max(usual, time / 200);
