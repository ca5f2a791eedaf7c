import type { DeliverySummary } from '../client/list-deliveries.js';
import { OUTCOMES, type Outcome } from '../contract/status.js';
import { relativeTime, shortened, tableLines, tableWidth, type Row } from './format.js';
import { painter, type Paint, type Screen, type Style } from './printer.js';
import { oneLine } from './safe-text.js';
import { styleOf } from './status-view.js';

export interface RenderListOptions extends Pick<Screen, 'now' | 'colour'> {
  readonly deliveries: readonly DeliverySummary[];
  /** The most characters per line. Default: no limit. */
  readonly columns?: number;
}

const HEAD = ['DELIVERY', 'STATUS', 'TRAFFIC', 'EXPIRES', 'STARTED'];
const [TRAFFIC, STARTED] = [2, 4];
/** A shorter id could belong to several deliveries. */
const SHORTEST_ID = 12;

/** A table as lines: the heads, then one line per delivery. */
export function renderList({ deliveries, now, colour, columns = Infinity }: RenderListOptions): string[] {
  const paint = painter(colour);
  const rows = [HEAD, ...deliveries.map((delivery) => cellsOf(delivery, now, paint))];
  const [head = '', ...lines] = tableLines(fitted(rows, deliveries, columns));
  return [paint('dim', head), ...lines];
}

/** Fits the table into `columns`: drops the ids' prefix, then TRAFFIC, then STARTED, and at last shortens the ids. */
function fitted(rows: readonly Row[], deliveries: readonly DeliverySummary[], columns: number): readonly Row[] {
  const bare = rows.map((row, line) => {
    const delivery = deliveries[line - 1];
    return delivery === undefined ? row : row.with(0, `${delivery.agentId}:${delivery.messageId}`);
  });
  const untyped = without(bare, TRAFFIC);
  const narrow = without(bare, TRAFFIC, STARTED);
  const fit = [rows, bare, untyped, narrow].find((table) => tableWidth(table) <= columns);
  if (fit !== undefined) return fit;
  const rest = tableWidth(narrow.map((row) => row.with(0, '')));
  return narrow.map((row) => row.with(0, shortened(row[0] ?? '', Math.max(SHORTEST_ID, columns - rest))));
}

const without = (rows: readonly Row[], ...columns: number[]): Row[] =>
  rows.map((row) => row.filter((_, column) => !columns.includes(column)));

function cellsOf(delivery: DeliverySummary, now: number, paint: Paint): string[] {
  const { workflowId, messageTrafficType = '', expireTime, startTime } = delivery;
  // The expiry of a closed delivery no longer has an effect.
  const expires = isOpen(delivery) && expireTime !== undefined ? relativeTime(Date.parse(expireTime) - now) : '';
  return [
    oneLine(workflowId),
    paint(styleFor(delivery), oneLine(shownStatus(delivery))),
    oneLine(messageTrafficType),
    expires.endsWith(' ago') ? paint('yellow', expires) : expires,
    relativeTime(Date.parse(startTime) - now),
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
