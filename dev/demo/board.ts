import { styleText } from 'node:util';
import type { DeliveryStatus, Outcome } from '../../src/contract/status.js';

export interface Row {
  readonly number: number;
  readonly title: string;
  status?: DeliveryStatus;
}

/** Shows how the deliveries go: a table that updates in place on a terminal, plain lines elsewhere. */
export interface Board {
  update(rows: readonly Row[], now: number): void;
  end(): void;
}

export function createBoard(out: NodeJS.WriteStream): Board {
  return out.isTTY ? liveTable(out) : plainLines(out);
}

function liveTable(out: NodeJS.WriteStream): Board {
  let height = 0;
  return {
    update(rows, now) {
      const lines = ['', ...rows.map((row) => fit(describe(row, now), out.columns))];
      if (height > 0) out.moveCursor(0, -height);
      out.cursorTo(0);
      out.clearScreenDown();
      out.write(`${lines.join('\n')}\n`);
      height = lines.length;
    },
    end: () => undefined,
  };
}

function plainLines(out: NodeJS.WriteStream): Board {
  const shown = new Map<number, string>();
  return {
    update(rows, now) {
      for (const row of rows) {
        if (row.status === undefined || shown.get(row.number) === row.status.status) continue;
        shown.set(row.number, row.status.status);
        out.write(`${describe(row, now)}\n`);
      }
    },
    end: () => undefined,
  };
}

function describe({ number, title, status }: Row, now: number): string {
  const cells = [String(number).padStart(3), title.padEnd(48), (status?.status ?? 'starting').padEnd(22)];
  const next = status?.next;
  if (next) cells.push(`${next.action} in ${countdown(Date.parse(next.time) - now)}`);
  return paint(status?.outcome ?? null, cells.join('  '));
}

const countdown = (ms: number) => `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
const fit = (line: string, columns: number) =>
  columns > 0 && line.length > columns + 10 ? line.slice(0, columns) : line;

function paint(outcome: Outcome | null, line: string): string {
  if (outcome === null) return line;
  const good = outcome === 'DELIVERED' || outcome === 'DELIVERED_BY_SMS' || outcome === 'REVOKED';
  return styleText(good ? 'green' : 'yellow', line);
}

/** Columns padded to their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
