/** Longer waits are cut to a day. Milliseconds. */
const LONGEST_MS = 86_400_000;
/** RFC 9110 §5.6.7: all three forms of an HTTP date. Date.parse alone accepts almost anything as a date. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/;

/**
 * The answer's Retry-After (RFC 9110 §10.2.3: seconds or an HTTP date) in milliseconds from now; undefined without a
 * readable one. A date is compared with the server's own Date header, so that a wrong clock does no harm.
 */
export function retryAfterMs(headers: Headers, now: number = Date.now()): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.min(Math.ceil(Number(value) * 1000), LONGEST_MS);
  if (!HTTP_DATE.test(value)) return undefined;
  const serverNow = Date.parse(headers.get('date') ?? '');
  const wait = utc(value) - (Number.isNaN(serverNow) ? now : serverNow);
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_MS);
}

/** HTTP dates are in UTC, also in asctime's form, which does not say so. */
function utc(date: string): number {
  return Date.parse(date.endsWith('GMT') ? date : `${date} GMT`);
}
