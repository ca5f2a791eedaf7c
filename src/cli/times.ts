import { DAY, HOUR, MINUTE, SECOND } from '../contract/duration.js';
import { RFC_3339 } from '../contract/patterns.js';
import { UsageError } from './errors.js';

/** An RFC 3339 time in epoch milliseconds. Throws a UsageError that names the option. */
export function timeIn(text: string, option: string): number {
  const at = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`${option} must be an RFC 3339 time such as 2026-12-01T12:00:00Z`);
  return at;
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };
const LENGTH = /^(\d{1,6}) ?(?:(s)(?:ec(?:onds?)?)?|(m)(?:in(?:utes?)?)?|(h)(?:ours?)?|(d)(?:ays?)?)$/;

/** `1h` as a length in milliseconds; undefined for any other text. */
function lengthOf(text: string): number | undefined {
  const [, count, ...units] = [...(LENGTH.exec(text.trim().toLowerCase()) ?? [])] as (string | undefined)[];
  const unit = units.find((one) => one !== undefined);
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS[unit] ?? Number.NaN);
}

/** `30m`, `1h` or `2d` before `now`, or an RFC 3339 time: epoch milliseconds. Throws a UsageError that names the option. */
export function sinceOf(text: string, option: string, now: number): number {
  const length = lengthOf(text);
  if (length !== undefined) return now - length;
  if (RFC_3339.test(text) && !Number.isNaN(Date.parse(text))) return Date.parse(text);
  throw new UsageError(
    `${option} must be a time ago such as 30m, 1h or 2d, or an RFC 3339 time such as 2026-12-01T12:00:00Z`,
  );
}

/** What is wrong with a ttl such as `10m`. It has one form everywhere. Undefined if it is not clear what was meant. */
export function ttlProblem(text: string): string | undefined {
  const length = lengthOf(text);
  return length === undefined ? undefined : `needs RBM's form: ${String(length / SECOND)}s for ${text.trim()}`;
}
