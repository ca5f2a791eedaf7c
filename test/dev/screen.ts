import xterm from '@xterm/headless';
import type { Output } from '../../dev/terminal/progress.js';
import type { Terminal } from '../../dev/terminal/live-lines.js';

/** A terminal with a real emulator behind it, which wraps, scrolls, and wraps again after a change of its size. */
export interface Screen {
  readonly terminal: Output & Terminal;
  /** Changes the size, after all that was written before. The emulator wraps its lines again. */
  resize(columns: number, rows: number): Promise<void>;
  /** What a person sees, without the empty lines at the end. `↪` marks a line that continues the one above. */
  lines(): Promise<string[]>;
}

export function createScreen(columns: number, rows: number): Screen {
  const emulator = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  const written = () =>
    new Promise<void>((done) => {
      emulator.write('', done);
    });
  return {
    terminal: {
      isTTY: true,
      get columns() {
        return emulator.cols;
      },
      get rows() {
        return emulator.rows;
      },
      write: (text) => {
        emulator.write(text);
      },
    },
    async resize(toColumns, toRows) {
      await written();
      emulator.resize(toColumns, toRows);
    },
    async lines() {
      await written();
      const { active } = emulator.buffer;
      const seen = Array.from({ length: emulator.rows }, (_, row) => {
        const line = active.getLine(active.baseY + row);
        return `${line?.isWrapped === true ? '↪' : ''}${line?.translateToString(true) ?? ''}`;
      });
      return seen.join('\n').trimEnd().split('\n');
    },
  };
}
