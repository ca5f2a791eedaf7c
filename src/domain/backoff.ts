import { SECOND } from '../contract/duration.js';

/**
 * The pause after `tries` attempts in milliseconds: `first` after one, doubled after each further one, at most
 * `longest`.
 */
export function backoff(tries: number, longest: number, first: number = SECOND): number {
  return Math.min(longest, first * 2 ** Math.min(tries - 1, 30));
}

/**
 * The longest pause of a backoff that may go on for `time`: `usual`, or `time / 200` if that is longer, so that the
 * history stays small. Milliseconds.
 */
export const longestPause = (time: number, usual: number): number => Math.max(usual, time / 200);
