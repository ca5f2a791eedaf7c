import type { Lateness, Spread } from '../measure/spread.js';
import type { Bar } from './section.js';

/** Three significant digits, and no more than a person needs: `0.883`, `12.3`, `1,234`; `-` for what was not measured. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** `0.88 (0.85..0.91)` */
export function withSpread(spread: Spread | undefined): string {
  if (spread === undefined) return '-';
  return `${short(spread.median)} (${short(spread.min)}..${short(spread.max)})`;
}

/** Milliseconds as a person reads them: `85 ms`, `12.3 s`. */
export function duration(ms: number): string {
  if (Number.isNaN(ms)) return '-';
  return Math.abs(ms) < 1000 ? `${Math.round(ms)} ms` : `${short(ms / 1000)} s`;
}

/** p50, p99, max and how many came, as cells of a table. */
export function latenessCells({ p50, p99, max, count, missing }: Lateness): string[] {
  const came = missing === 0 ? String(count) : `${count} of ${count + missing}`;
  return [duration(p50), duration(p99), duration(max), came];
}
export const LATENESS_COLUMNS = ['p50', 'p99', 'max', 'came'];

export const bar = (label: string, { median: value, min, max }: Spread): Bar => ({ label, value, min, max });
