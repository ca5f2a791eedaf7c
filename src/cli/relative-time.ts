const SECOND = 1_000;
const UNITS = [
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['m', 60 * SECOND],
  ['s', SECOND],
] as const;

/** -65 000 → `1m 5s ago`; 300 000 → `in 5m`. Two units at most. Milliseconds. */
export function relativeTime(ms: number): string {
  if (Math.abs(ms) < SECOND) return 'now';
  return ms < 0 ? `${duration(-ms)} ago` : `in ${duration(ms)}`;
}

/** 12 400 → `+12.4s`; 65 000 → `+1m 5s`. Milliseconds. */
export function sinceStart(ms: number): string {
  return ms < 60 * SECOND ? `+${(ms / SECOND).toFixed(1)}s` : `+${duration(ms)}`;
}

function duration(ms: number): string {
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
