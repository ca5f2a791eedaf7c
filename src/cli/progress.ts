import type { WriteStream } from 'node:tty';
import { columnsOf, grouped } from './terminal.js';

const WIDTH = 30;
const REDRAW_MS = 100;
const LINE_MS = 5_000;

export interface Progress {
  /** How many of `total` are through; `note` such as `3 failed`. */
  readonly update: (through: number, note?: string) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** A bar on a terminal; elsewhere a plain line now and then. */
export function createProgress(total: number, stream: WriteStream): Progress {
  const start = Date.now();
  let shownAt = stream.isTTY ? 0 : start;
  return {
    update: (through, note = '') => {
      const now = Date.now();
      if (now - shownAt < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
      shownAt = now;
      const text = [`${grouped(through)} of ${grouped(total)}`, note, left(through, total, now - start)]
        .filter((part) => part !== '')
        .join(', ');
      const line = stream.isTTY ? `${bar(through, total)} ${text}` : text;
      stream.write(stream.isTTY ? `\r${line.slice(0, columnsOf(stream) - 1)}\x1b[K` : `${line}\n`);
    },
    end: () => {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}

function bar(through: number, total: number): string {
  const full = total === 0 ? WIDTH : Math.min(WIDTH, Math.round((through / total) * WIDTH));
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
}

/** By the pace so far; nothing before there is one. */
function left(through: number, total: number, elapsedMs: number): string {
  if (elapsedMs < 2_000 || through === 0 || through >= total) return '';
  const seconds = Math.ceil(((elapsedMs / through) * (total - through)) / 1_000);
  return seconds < 100 ? `${String(seconds)}s left` : `${String(Math.ceil(seconds / 60))}m left`;
}
