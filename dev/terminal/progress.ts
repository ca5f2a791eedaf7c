import { createLiveLines, type Terminal } from './live-lines.js';
import { cut } from './text.js';

/**
 * Gets lines for a person to read. A `passing` line says how far something has come; the next line takes its place. It may
 * come every second.
 */
export type OnProgress = (line: string, kind?: 'passing') => void;

/** `process.stdout`, or a stand-in for it. */
export type Output = Pick<Terminal, 'write'> & ((Terminal & { readonly isTTY: true }) | { readonly isTTY?: false });

export interface ProgressOptions {
  readonly out: Output;
  /** In front of every line. */
  readonly prefix: string;
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number;
}

/** A passing line is printed this often where it can't be replaced: in a pipe or a log. */
const PASSING_EVERY_MS = 20_000;

/** Prints progress: on a terminal, passing lines replace each other; elsewhere, few of them are printed. */
export function createProgress({ out, prefix, now = Date.now }: ProgressOptions): OnProgress {
  return canRedraw(out) ? redrawn(out, prefix) : printed(out, prefix, now);
}

/** Whether lines that are shown can be replaced. */
export const canRedraw = (out: Output): out is Extract<Output, Terminal> =>
  out.isTTY === true && process.env['TERM'] !== 'dumb';

function redrawn(terminal: Terminal, prefix: string): OnProgress {
  const live = createLiveLines(terminal);
  return (line, kind) => {
    if (kind === 'passing') {
      live.show(({ columns }) => [cut(`${prefix}${line}`, columns)]);
      return;
    }
    live.clear();
    terminal.write(`${prefix}${line}\n`);
  };
}

function printed(out: Pick<Terminal, 'write'>, prefix: string, now: () => number): OnProgress {
  let last = -Infinity;
  return (line, kind) => {
    if (kind === 'passing' && now() - last < PASSING_EVERY_MS) return;
    last = now();
    out.write(`${prefix}${line}\n`);
  };
}
