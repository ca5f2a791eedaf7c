import type { DeliverySummary } from '../client/list-deliveries.js';
import { OUTCOMES, type Outcome } from '../contract/status.js';
import { relativeTime, tableLines, tableWidth, type Row } from './format.js';
import { painter, type Paint, type Screen, type Style } from './printer.js';
import { oneLine } from './safe-text.js';
import { styleOf } from './status-view.js';
import { uniqueBeginnings } from './unique-beginning.js';

export interface RenderListOptions extends Pick<Screen, 'now' | 'colour'> {
  readonly deliveries: readonly DeliverySummary[];
  /** The most characters per line. Default: no limit. */
  readonly columns?: number;
}

/** SMS BECAUSE is left out if no SMS was requested. */
const HEAD = ['DELIVERY', 'STATUS', 'SMS BECAUSE', 'TRAFFIC', 'EXPIRES', 'STARTED', 'ENDED'];
const [BECAUSE, TRAFFIC, EXPIRES, STARTED, ENDED] = [2, 3, 4, 5, 6];

/** A table as lines: the heads, then one line per delivery. */
export function renderList({ deliveries, now, colour, columns = Infinity }: RenderListOptions): string[] {
  const paint = painter(colour);
  const rows = [HEAD, ...deliveries.map((delivery) => cellsOf(delivery, now, paint))];
  const [head = '', ...lines] = tableLines(fitted(rows, deliveries, columns));
  return [paint('dim', head), ...lines];
}

/**
 * Fits the table into `columns`. An id is never cut where a command would not find it: it loses its prefix, and at last all
 * but a beginning that is unique here. Columns that are empty go before it, and the least important ones behind it.
 */
function fitted(rows: readonly Row[], deliveries: readonly DeliverySummary[], columns: number): readonly Row[] {
  const withIds = (ids: readonly string[]) =>
    rows.map((row, line) => (line === 0 ? row : row.with(0, ids[line - 1] ?? '')));
  const bare = withIds(deliveries.map(({ agentId, messageId }) => `${agentId}:${messageId}`));
  const short = withIds(uniqueBeginnings(deliveries));
  const empty = HEAD.flatMap((_, column) => (rows.slice(1).every((row) => row[column] === '') ? [column] : []));
  const unused = empty.includes(BECAUSE) ? [BECAUSE] : [];
  const tables = [
    without(rows, unused),
    without(bare, unused),
    without(bare, [...empty, TRAFFIC]),
    without(short, unused),
    without(short, empty),
    without(short, [...empty, TRAFFIC]),
    without(short, [...empty, TRAFFIC, STARTED]),
    without(short, [...empty, TRAFFIC, STARTED, ENDED]),
    without(short, [...empty, TRAFFIC, STARTED, ENDED, BECAUSE]),
  ];
  const least = without(short, [...empty, TRAFFIC, STARTED, ENDED, BECAUSE, EXPIRES]);
  return tables.find((table) => tableWidth(table) <= columns) ?? least;
}

const without = (rows: readonly Row[], columns: readonly number[]): Row[] =>
  rows.map((row) => row.filter((_, column) => !columns.includes(column)));

function cellsOf(delivery: DeliverySummary, now: number, paint: Paint): string[] {
  const { workflowId, messageTrafficType = '', fallbackReason = '', expireTime, startTime, closeTime } = delivery;
  const distance = (time: string) => relativeTime(Date.parse(time) - now);
  // The expiry of a closed delivery no longer has an effect.
  const expires = isOpen(delivery) && expireTime !== undefined ? distance(expireTime) : '';
  return [
    oneLine(workflowId),
    paint(styleFor(delivery), oneLine(shownStatus(delivery))),
    oneLine(fallbackReason),
    oneLine(messageTrafficType),
    expires.endsWith(' ago') ? paint('yellow', expires) : expires,
    distance(startTime),
    closeTime === undefined ? '' : distance(closeTime),
  ];
}

/** DeliveryStatus, unless the workflow failed or was terminated: then that attribute still holds its last phase. */
export function shownStatus({ status, executionStatus }: DeliverySummary): string {
  const ordinary = ['RUNNING', 'PAUSED', 'COMPLETED'].includes(executionStatus);
  return ordinary ? (status ?? executionStatus) : executionStatus;
}

const isOpen = ({ executionStatus }: DeliverySummary): boolean => ['RUNNING', 'PAUSED'].includes(executionStatus);

function styleFor(delivery: DeliverySummary): Style {
  const shown = shownStatus(delivery);
  if (isOpen(delivery)) return 'bold';
  const outcome = OUTCOMES.find((one): one is Outcome => one === shown);
  if (outcome !== undefined && delivery.executionStatus === 'COMPLETED') return styleOf({ outcome });
  return shown === 'COMPLETED' ? 'dim' : 'red';
}
