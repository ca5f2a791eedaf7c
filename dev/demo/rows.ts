import { styleText } from 'node:util';
import type { DeliveryStatus, Outcome } from '../../src/contract/status.js';
import type { Space } from '../terminal/live-lines.js';
import { cut } from '../terminal/text.js';
import { nextText } from './next-text.js';

/** A delivery, as the board shows it while it runs. */
export interface Row {
  readonly number: number;
  readonly title: string;
  status?: DeliveryStatus;
}

const GAP = '  ';
/** The longest phase has 21 letters. The widths do not depend on the moment, so that no column moves. */
const STATUS = 21;
const NEXT = 'settle in 10 min'.length;
/** A title that is cut shorter than this says too little: then what comes next is left out. */
const SHORTEST_TITLE = 24;

/** A blank line, then one line per row. If there is no room for all, those that still run are shown first. */
export function linesOf(rows: readonly Row[], now: number, { columns, rows: room }: Space): readonly string[] {
  const shown = fitting(rows, room - 1);
  const lines = shown.map((row) => paint(row.status?.outcome ?? null, lineOf(row, rows, now, columns)));
  const hidden = rows.length - shown.length;
  return ['', ...lines, ...(hidden === 0 ? [] : [cut(`… and ${String(hidden)} more`, columns)])].slice(0, room);
}

/** The rows for which there is room, in their order. If not all fit, one line is kept for the number of the others. */
function fitting(rows: readonly Row[], room: number): readonly Row[] {
  if (rows.length <= room) return rows;
  const settled = ({ status }: Row) => status?.outcome != null;
  const chosen = [...rows.filter((row) => !settled(row)), ...rows.filter(settled)].slice(0, Math.max(0, room - 1));
  return rows.filter((row) => chosen.includes(row));
}

/** A row as one line of at most `columns`. */
export function lineOf(row: Row, rows: readonly Row[], now: number, columns = Infinity): string {
  const numbers = Math.max(...rows.map(({ number }) => String(number).length));
  const titles = Math.max(...rows.map(({ title }) => title.length));
  const left = columns - (numbers + STATUS + 2 * GAP.length);
  const withNext = left - NEXT - GAP.length >= Math.min(titles, SHORTEST_TITLE);
  const width = Math.min(titles, withNext ? left - NEXT - GAP.length : Math.max(1, left));
  const cells = [
    String(row.number).padStart(numbers),
    cut(row.title, width).padEnd(width),
    (row.status?.status ?? 'starting').padEnd(STATUS),
    ...(withNext ? [nextText(row.status?.next ?? null, now)] : []),
  ];
  return cut(cells.join(GAP).trimEnd(), columns);
}

function paint(outcome: Outcome | null, line: string): string {
  if (outcome === null) return line;
  const good = outcome === 'DELIVERED' || outcome === 'DELIVERED_BY_SMS' || outcome === 'REVOKED';
  return styleText(good ? 'green' : 'yellow', line);
}
