import { canRedraw, type Output } from '../terminal/progress.js';
import { createLiveLines, type Terminal } from '../terminal/live-lines.js';
import { lineOf, linesOf, type Row } from './rows.js';

/** Shows the deliveries: a table that updates in place on a terminal, a line per change elsewhere. */
export interface Board {
  update(rows: readonly Row[], now: number): void;
  /** Removes the table that updates in place. The verdicts take its place. */
  close(): void;
}

export const createBoard = (out: Output): Board => (canRedraw(out) ? liveTable(out) : plainLines(out));

function liveTable(terminal: Terminal): Board {
  const live = createLiveLines(terminal);
  return {
    update(rows, now) {
      live.show((space) => linesOf(rows, now, space));
    },
    close() {
      live.clear();
    },
  };
}

function plainLines(out: Pick<Terminal, 'write'>): Board {
  const shown = new Map<number, string>();
  return {
    update(rows, now) {
      for (const row of rows) {
        const { number, status } = row;
        if (status === undefined || shown.get(number) === status.status) continue;
        shown.set(number, status.status);
        out.write(`${lineOf(row, rows, now)}\n`);
      }
    },
    close: () => undefined,
  };
}
