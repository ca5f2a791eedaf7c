import { stripVTControlCharacters } from 'node:util';

/** How many columns a text takes. It may hold colour codes. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** Cuts a text without colour codes to that many columns, and marks the cut. */
export const cut = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;

const SECOND = 1_000;
const UNITS = [
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['min', 60 * SECOND],
  ['s', SECOND],
] as const;

/** 600 000 ms → `10 min`; 80 000 ms → `1 min 20 s`. At most two units; what is below a second does not count. */
export function durationText(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size);
  if (first === -1) return '0 s';
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${String(count)} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}
