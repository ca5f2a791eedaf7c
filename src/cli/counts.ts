import type { DeliveryClient } from '../client/delivery-client.js';
import type { DeliveryFilter } from '../client/delivery-query.js';
import { FALLBACK_REASONS, LISTED_STATUSES, type FallbackReason, type ListedStatus } from '../contract/status.js';
import { FALLBACK_REASON_WORDS } from '../contract/words.js';
import { CLOSED_WITHOUT_RESULT } from '../temporal/list-executions.js';
import { deliveryCount, grouped, tableLines, wholeTime } from './format.js';
import { painter, type Screen } from './printer.js';

/** How many deliveries match, by status and by why the SMS was requested. Every value is there, if only with 0. */
export interface Counts {
  readonly total: number;
  /** RFC 3339; absent without --since. */
  readonly since?: string;
  readonly byStatus: Readonly<Record<ListedStatus, number>>;
  /** Closed without an outcome: they failed, or somebody terminated them. */
  readonly withoutOutcome: number;
  /** The deliveries whose SMS was requested. */
  readonly fellBack: number;
  /** The deliveries without one, as far as is listed. */
  readonly noSms: number;
  /** Started before the namespace had FallbackReason. */
  readonly unknown: number;
  readonly byFallbackReason: Readonly<Record<FallbackReason, number>>;
}

/** Temporal counts each value by itself, so the sums may differ by what changes meanwhile. */
export async function countEach(deliveries: DeliveryClient, filter: DeliveryFilter): Promise<Counts> {
  const among = <T extends string>(given: readonly T[] | undefined, all: readonly T[]) =>
    given === undefined || given.length === 0 ? all : given;
  const each = async <T extends string>(values: readonly T[], all: readonly T[], of: (value: T) => DeliveryFilter) => {
    const count = async (value: T) => (values.includes(value) ? deliveries.count({ ...filter, ...of(value) }) : 0);
    return Object.fromEntries(
      await Promise.all(all.map(async (value) => [value, await count(value)] as const)),
    ) as Record<T, number>;
  };
  const { status, fallbackReason, since, query = '' } = filter;
  // Refuses a query that could not be put in parentheses.
  deliveries.query(filter);
  const alsoThat = (condition: string) => (query.trim() === '' ? condition : `(${query}) AND ${condition}`);
  const [total, byStatus, withoutOutcome, noSms, byFallbackReason] = await Promise.all([
    deliveries.count(filter),
    each(among(status, LISTED_STATUSES), LISTED_STATUSES, (one) => ({ status: [one] })),
    deliveries.count({ ...filter, query: alsoThat(CLOSED_WITHOUT_RESULT) }),
    deliveries.count({ ...filter, query: alsoThat("FallbackReason = 'none'") }),
    each(among(fallbackReason, FALLBACK_REASONS), FALLBACK_REASONS, (one) => ({ fallbackReason: [one] })),
  ]);
  const fellBack = Object.values(byFallbackReason).reduce((sum, count) => sum + count, 0);
  const from = since === undefined ? {} : { since: new Date(since).toISOString() };
  const unknown = Math.max(0, total - fellBack - noSms);
  return { total, ...from, byStatus, withoutOutcome, fellBack, noSms, unknown, byFallbackReason };
}

/** The values that occur, in one table. */
export function renderCounts(counts: Counts, { colour }: Pick<Screen, 'colour'>): string {
  const { total, since, byStatus, withoutOutcome, fellBack, noSms, unknown, byFallbackReason } = counts;
  const paint = painter(colour);
  const when = since === undefined ? '' : `, started or closed since ${wholeTime(since)}`;
  const head = `${deliveryCount(total)}${when}`;
  if (total === 0) return head;
  const answer = `${unknown > 0 ? 'at least ' : ''}${grouped(fellBack)} of them fell back to SMS`;
  const occurring = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).filter(([, count]) => count > 0);
  const states = [...occurring(byStatus), ...occurring({ 'closed, no outcome': withoutOutcome })];
  const reasons = occurring(byFallbackReason);
  const width = grouped(total).length;
  const row = (name: string, count: number, words = '') => [name, grouped(count).padStart(Math.max(width, 5)), words];
  const table = tableLines([
    ['STATUS', 'COUNT'.padStart(width), ''],
    ...states.map(([name, count]) => row(name, count)),
    ['', '', ''],
    ['SMS BECAUSE', 'COUNT'.padStart(width), ''],
    ...reasons.map(([name, count]) => row(name, count, FALLBACK_REASON_WORDS[name as FallbackReason])),
    row('no SMS', noSms),
    ...(unknown > 0 ? [row('not known', unknown, 'They started before FallbackReason was registered.')] : []),
  ]);
  const heads = [0, states.length + 2];
  return [head, answer, '', ...table.map((line, at) => (heads.includes(at) ? paint('dim', line) : line))].join('\n');
}
