import type { OptOutEntry, OptOutStatus } from '../contract/opt-out.js';
import { toTime, type Instant } from './plan.js';

/** How many entries are kept. */
const MAX_ENTRIES = 100;

/** What an `optOut` workflow knows. Plain data, since it is handed to the next run when the history has grown. */
export interface OptOutRecord {
  /** When the person opted out first. */
  readonly since: Instant;
  /** When the person opted out last. */
  readonly lastOptOut: Instant;
  /** The latest opt-in. */
  readonly lastOptIn: Instant | null;
  readonly entries: OptOutStatus['entries'];
}

/** The record before anything was said. The person counts as opted out as soon as the workflow runs. */
export const openRecord = (startedAt: Instant): OptOutRecord => ({
  since: startedAt,
  lastOptOut: 0,
  lastOptIn: null,
  entries: [],
});

/**
 * The record with one more entry; the same record if the entry repeats a known one. Events come late and out of order,
 * so their own times count. A time in the future counts as now: otherwise nobody could opt in until then.
 */
export function heard(
  record: OptOutRecord,
  said: 'optOut' | 'optIn',
  { source, sendTime, eventId }: OptOutEntry,
  now: Instant,
): OptOutRecord {
  if (eventId !== undefined && record.entries.some((one) => one.eventId === eventId && one.said === said))
    return record;
  const time = Math.min(Date.parse(sendTime), now);
  const entry = { said, source, sendTime, ...(eventId !== undefined && { eventId }) };
  const entries = [...record.entries, entry].slice(-MAX_ENTRIES);
  if (said === 'optIn') return { ...record, entries, lastOptIn: Math.max(record.lastOptIn ?? time, time) };
  const since = Math.min(record.since, time);
  return { ...record, entries, since, lastOptOut: Math.max(record.lastOptOut, time) };
}

/** When the person opted in again; null while the opt-out lasts. At the same time, the opt-out counts. */
export function endOf({ lastOptIn, lastOptOut }: OptOutRecord): Instant | null {
  return lastOptIn !== null && lastOptIn > lastOptOut ? lastOptIn : null;
}

export function optOutStatusOf(record: OptOutRecord): OptOutStatus {
  const until = endOf(record);
  return { since: toTime(record.since), until: until === null ? null : toTime(until), entries: record.entries };
}
