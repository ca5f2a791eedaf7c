import { stripVTControlCharacters } from 'node:util';

/** 1234567 → `1,234,567` */
export const grouped = (number: number): string => number.toLocaleString('en-US');

/** `1 delivery`, `1,200 running deliveries` */
export const deliveryCount = (count: number, kind = ''): string =>
  `${grouped(count)} ${kind === '' ? '' : `${kind} `}${count === 1 ? 'delivery' : 'deliveries'}`;

const SECOND = 1_000;
const UNITS = [
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['m', 60 * SECOND],
  ['s', SECOND],
] as const;

/** -65 000 ms → `1m 5s ago`; 300 000 ms → `in 5m`. At most two units. */
export function relativeTime(ms: number): string {
  if (Math.abs(ms) < SECOND) return 'now';
  return ms < 0 ? `${duration(-ms)} ago` : `in ${duration(ms)}`;
}

/** `2026-11-21T00:15:00Z`, in UTC. A text that is no time stays as it is. */
export function wholeTime(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `00:15:00Z`, or with the date if that is not the day of `now` in UTC. `now` in epoch milliseconds. */
export function clock(time: string, now: number): string {
  const whole = wholeTime(time);
  return whole.slice(0, 10) === new Date(now).toISOString().slice(0, 10) ? whole.slice(11) : whole;
}

/** `2026-11-21T00:15:00Z (in 5m)`. `now` in epoch milliseconds. */
export const timeWithDistance = (time: string, now: number): string =>
  `${wholeTime(time)} (${relativeTime(Date.parse(time) - now)})`;

/** 12 400 ms → `+12.4s`; 65 000 ms → `+1m 5s` */
export function sinceStart(ms: number): string {
  return ms < 60 * SECOND ? `+${(ms / SECOND).toFixed(1)}s` : `+${duration(ms)}`;
}

/** 65 000 ms → `1m 5s`. At most two units; empty for less than a second. */
export function duration(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${String(count)}${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ');
}

/** The cells of one line of a table. A cell may hold colour codes. */
export type Row = readonly string[];

const GAP = '  ';
const widthOfText = (text: string): number => stripVTControlCharacters(text).length;

/** Lays out a table as lines. Each column is as wide as its widest cell. */
export function tableLines(rows: readonly Row[]): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOfText(cell)))
      .join(GAP)
      .trimEnd(),
  );
}

export function tableWidth(rows: readonly Row[]): number {
  return columnWidths(rows).reduce((sum, width, column) => sum + width + (column === 0 ? 0 : GAP.length), 0);
}

const columnWidths = (rows: readonly Row[]): number[] =>
  (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOfText(row[column] ?? ''))));

/** Cuts a line to `columns`. A line that is cut loses its colours, since the cut could fall inside a colour code. */
export function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, columns - 1)}…`;
}
