import { styleText } from 'node:util';
import type { DeliveryStatus, Outcome } from '../../src/contract/status.js';

export interface Row {
  readonly number: number;
  readonly title: string;
  status?: DeliveryStatus;
}

/** Shows the deliveries: a table that updates in place on a terminal, a line per change elsewhere. */
export interface Board {
  update(rows: readonly Row[], now: number): void;
}

export function createBoard(out: NodeJS.WriteStream): Board {
  return out.isTTY ? liveTable(out) : plainLines(out);
}

function liveTable(out: NodeJS.WriteStream): Board {
  let height = 0;
  return {
    update(rows, now) {
      const lines = ['', ...linesOf(rows, now, out.columns > 0 ? out.columns : Infinity)];
      if (height > 0) out.moveCursor(0, -height);
      out.cursorTo(0);
      out.clearScreenDown();
      out.write(`${lines.join('\n')}\n`);
      height = lines.length;
    },
  };
}

function plainLines(out: NodeJS.WriteStream): Board {
  const shown = new Map<number, string>();
  return {
    update(rows, now) {
      linesOf(rows, now).forEach((line, index) => {
        const { number, status } = rows[index] as Row;
        if (status === undefined || shown.get(number) === status.status) return;
        shown.set(number, status.status);
        out.write(`${line}\n`);
      });
    },
  };
}

/** One line per row, cut at `columns`. */
function linesOf(rows: readonly Row[], now: number, columns = Infinity): readonly string[] {
  const titleWidth = Math.max(...rows.map(({ title }) => title.length));
  return rows.map(({ number, title, status }) => {
    const cells = [String(number).padStart(3), title.padEnd(titleWidth), (status?.status ?? 'starting').padEnd(21)];
    const next = status?.next;
    if (next) cells.push(`${next.action} in ${countdown(Date.parse(next.time) - now)}`);
    return paint(status?.outcome ?? null, cells.join('  ').trimEnd().slice(0, columns));
  });
}

const countdown = (ms: number) => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

function paint(outcome: Outcome | null, line: string): string {
  if (outcome === null) return line;
  const good = outcome === 'DELIVERED' || outcome === 'DELIVERED_BY_SMS' || outcome === 'REVOKED';
  return styleText(good ? 'green' : 'yellow', line);
}

/** A table as text. Columns are padded to their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
