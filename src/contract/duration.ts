/**
 * RBM's JSON duration: seconds with up to nine decimals and the suffix `s`, as in `"600s"` or `"1.5s"`.
 * Source: RBM reference, AgentMessage.ttl (google.protobuf.Duration).
 */
export const DURATION_PATTERN = /^(?:0|[1-9]\d{0,8})(?:\.\d{1,9})?s$/;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `"1.5s"` → 1500 (milliseconds, rounded up). Throws a RangeError when the text is not a duration. */
export function durationToMs(duration: string): number {
  if (!DURATION_PATTERN.test(duration)) throw new RangeError('not a duration like "600s" or "1.5s"');
  return Math.ceil(Number(duration.slice(0, -1)) * SECOND);
}

/** 1500 (milliseconds) → `"1.5s"`. */
export function msToDuration(ms: number): string {
  return `${String(ms / SECOND)}s`;
}

const UNITS = [
  ['d', DAY],
  ['h', HOUR],
  ['min', MINUTE],
] as const;

/** Milliseconds in the largest unit that they are a whole number of, such as `10 min` for 600,000. */
export function readableDuration(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length && ms % length === 0) ?? ['s', SECOND];
  return `${String(ms / size)} ${unit}`;
}
