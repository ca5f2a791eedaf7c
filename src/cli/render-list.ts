import type { DeliverySummary } from '../client/list-deliveries.js';
import { OUTCOMES, type Outcome } from '../contract/status.js';
import { layOut, shortened, widthOfTable, type Row } from './fit-table.js';
import { relativeTime } from './relative-time.js';
import { styleOf } from './render-status.js';
import { painter, type Paint, type Style } from './terminal.js';

export interface RenderListOptions {
  readonly deliveries: readonly DeliverySummary[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly colour: boolean;
  /** How wide it may be. Default: as wide as need be. */
  readonly columns?: number;
}

const HEAD = ['DELIVERY', 'STATUS', 'TRAFFIC', 'EXPIRES', 'STARTED'];
const [TRAFFIC, STARTED] = [2, 4];
/** Narrower it would tell nobody which one it is. */
const SHORTEST_ID = 12;

/** A table: a line of heads, then a line per delivery. */
export function renderList({ deliveries, now, colour, columns = Infinity }: RenderListOptions): string[] {
  const paint = painter(colour);
  const rows = [HEAD, ...deliveries.map((delivery) => cellsOf(delivery, now, paint))];
  const [head = '', ...lines] = layOut(fitting(rows, deliveries, columns));
  return [paint('dim', head), ...lines];
}

/** Gives up, one by one, what is missed least, so that STATUS and EXPIRES stay in sight. */
function fitting(rows: readonly Row[], deliveries: readonly DeliverySummary[], columns: number): readonly Row[] {
  const bare = rows.map((row, line) => {
    const delivery = deliveries[line - 1];
    return delivery === undefined ? row : row.with(0, `${delivery.agentId}:${delivery.messageId}`);
  });
  const untyped = without(bare, TRAFFIC);
  const narrow = without(bare, TRAFFIC, STARTED);
  const fit = [rows, bare, untyped, narrow].find((table) => widthOfTable(table) <= columns);
  if (fit !== undefined) return fit;
  const rest = widthOfTable(narrow.map((row) => row.with(0, '')));
  return narrow.map((row) => row.with(0, shortened(row[0] ?? '', Math.max(SHORTEST_ID, columns - rest))));
}

const without = (rows: readonly Row[], ...columns: number[]): Row[] =>
  rows.map((row) => row.filter((_, column) => !columns.includes(column)));

function cellsOf(delivery: DeliverySummary, now: number, paint: Paint): string[] {
  const { workflowId, messageTrafficType = '', expireTime, startTime } = delivery;
  // Once a delivery has ended, its expiry says nothing any more.
  const expires = isOpen(delivery) && expireTime !== undefined ? relativeTime(Date.parse(expireTime) - now) : '';
  return [
    workflowId,
    paint(styleFor(delivery), shownStatus(delivery)),
    messageTrafficType,
    expires.endsWith(' ago') ? paint('yellow', expires) : expires,
    relativeTime(Date.parse(startTime) - now),
  ];
}

/** A workflow that was terminated or that failed never wrote its end into its search attributes. */
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
