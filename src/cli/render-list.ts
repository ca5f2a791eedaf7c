import { stripVTControlCharacters } from 'node:util';
import type { DeliverySummary } from '../client/list-deliveries.js';
import { OUTCOMES, type Outcome } from '../contract/status.js';
import { relativeTime } from './relative-time.js';
import { styleOf } from './render-status.js';
import { painter, type Paint, type Style } from './terminal.js';

export interface RenderListOptions {
  readonly deliveries: readonly DeliverySummary[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly colour: boolean;
}

const HEAD = ['DELIVERY', 'STATUS', 'TRAFFIC', 'EXPIRES', 'STARTED'] as const;

/** A table: a line of heads, then a line per delivery. */
export function renderList({ deliveries, now, colour }: RenderListOptions): string[] {
  const paint = painter(colour);
  const rows = deliveries.map((delivery) => cellsOf(delivery, now, paint));
  const widths = HEAD.map((head, column) =>
    Math.max(...[[...HEAD], ...rows].map((row) => widthOf(row[column] ?? head))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd();
  return [paint('dim', line(HEAD)), ...rows.map(line)];
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

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
