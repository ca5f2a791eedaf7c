import { widthOf } from './text.js';

/** What is needed of a terminal: `process.stdout`, if its `isTTY` is true. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** The most characters per line, and the most lines. */
export interface Space {
  readonly columns: number;
  readonly rows: number;
}

/** The last lines on a terminal, which are replaced in place. */
export interface LiveLines {
  /** Replaces what is shown. `render` returns lines that fit into the space, and may hold colour codes. */
  show(render: (space: Space) => readonly string[]): void;
  /** Removes what is shown. */
  clear(): void;
}

const USUAL = { columns: 80, rows: 24 };

export function createLiveLines(terminal: Terminal): LiveLines {
  /** The width of each line that is shown. */
  let shown: readonly number[] = [];
  const replaceBy = (lines: readonly string[]) => {
    terminal.write(`${erased(shown, terminal)}${lines.map((line) => `${line}\n`).join('')}`);
    shown = lines.map(widthOf);
  };
  return {
    show(render) {
      replaceBy(render(spaceOf(terminal)));
    },
    clear() {
      replaceBy([]);
    },
  };
}

/** One column stays free, since some terminals wrap a full line. The cursor needs the last row. */
function spaceOf(terminal: Terminal): Space {
  const { columns, rows } = sizeOf(terminal);
  return { columns: Math.max(1, columns - 1), rows: Math.max(1, rows - 1) };
}

/** A terminal that does not know its size says 0. */
const sizeOf = ({ columns, rows }: Terminal): Space => ({
  columns: columns > 0 ? columns : USUAL.columns,
  rows: rows > 0 ? rows : USUAL.rows,
});

/** Erases lines of these widths. A terminal that has become narrower has wrapped those that are longer now. */
function erased(widths: readonly number[], terminal: Terminal): string {
  const { columns, rows } = sizeOf(terminal);
  const height = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
  return height === 0 ? '' : `\r\u001B[${String(Math.min(height, rows))}A\u001B[J`;
}
