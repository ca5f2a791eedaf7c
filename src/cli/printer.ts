import { styleText } from 'node:util';
import { grouped } from './format.js';
import { safeJson, safeText } from './safe-text.js';
import type { Output, Terminal } from './terminal.js';
import { wrapped } from './wrap.js';

/** How a text is shown. */
export interface Screen {
  /** The width in characters. Infinity for a file or a pipe. */
  readonly columns: number;
  readonly colour: boolean;
  /** The time that relative times count from, in epoch milliseconds. */
  readonly now: number;
}

export interface Result {
  readonly value: unknown;
  /** Makes the text that is printed without --json. */
  readonly text: (screen: Screen) => string;
  readonly json: boolean | undefined;
  /** Spaces per level of the JSON. Default: one line. */
  readonly indent?: number;
}

/** Prints a command's result on stdout: the value as JSON with --json, otherwise its text. */
export function printResult(terminal: Terminal, { value, text, json, indent }: Result): void {
  if (json === true) printJson(terminal, value, indent);
  else printLine(terminal, text(screenOf(terminal.stdout)));
}

/** Prints a value as JSON, on one line unless it is indented. */
export function printJson({ stdout }: Terminal, value: unknown, indent?: number): void {
  stdout.write(`${safeJson(value, indent)}\n`);
}

export function printLine({ stdout }: Terminal, line: string): void {
  stdout.write(`${safeText(line, { colour: hasColours(stdout) })}\n`);
}

/** Prints a remark on stderr, where it does not mix with a result. On a terminal its lines are wrapped. */
export function printNote({ stderr }: Terminal, text: string): void {
  stderr.write(`${folded(safeText(text), stderr)}\n`);
}

/** Wraps the lines that are wider than a terminal, with a hanging indent. */
export function folded(text: string, stream: Output): string {
  if (stream.isTTY !== true) return text;
  const fold = (line: string) => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    const [first = '', ...more] = wrapped(line.slice(indent.length), columnsOf(stream) - indent.length - INDENT);
    return [`${indent}${first}`, ...more.map((one) => `${indent}${' '.repeat(INDENT)}${one}`)];
  };
  return text.split('\n').flatMap(fold).join('\n');
}
const INDENT = 2;

export function screenOf(stream: Output): Screen {
  const columns = stream.isTTY === true ? columnsOf(stream) : Infinity;
  return { columns, colour: hasColours(stream), now: Date.now() };
}

/** A terminal that does not know its width reports 0. */
const columnsOf = (stream: Output): number => stream.columns || 80;

/** Only terminals get colours. Node's hasColors() respects NO_COLOR. */
const hasColours = (stream: Output): boolean => stream.isTTY === true && stream.hasColors?.() === true;

export type Style = 'dim' | 'bold' | 'green' | 'yellow' | 'red';
export type Paint = (style: Style, text: string) => string;

export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_MS = 5_000;

export interface Progress {
  /** Shows how many of `total` are finished. `note` is a remark such as `3 failed`. */
  readonly update: (finished: number, note?: string) => void;
  /** Removes the bar. */
  readonly end: () => void;
}

/** A progress bar on a terminal, and a plain line every five seconds elsewhere. */
export function createProgress(total: number, stream: Output): Progress {
  const isTerminal = stream.isTTY === true;
  const start = Date.now();
  let shownAt = isTerminal ? 0 : start;
  return {
    update: (finished, note = '') => {
      const now = Date.now();
      if (now - shownAt < (isTerminal ? REDRAW_MS : LINE_MS)) return;
      shownAt = now;
      const text = [`${grouped(finished)} of ${grouped(total)}`, note, timeLeft(finished, total, now - start)]
        .filter((part) => part !== '')
        .join(', ');
      const line = isTerminal ? `${bar(finished, total)} ${text}` : text;
      stream.write(isTerminal ? `\r${line.slice(0, columnsOf(stream) - 1)}\x1b[K` : `${line}\n`);
    },
    end: () => {
      if (isTerminal) stream.write('\r\x1b[K');
    },
  };
}

function bar(finished: number, total: number): string {
  const full = total === 0 ? BAR_WIDTH : Math.min(BAR_WIDTH, Math.round((finished / total) * BAR_WIDTH));
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`;
}

/** Estimated from the pace so far. Empty during the first two seconds. */
function timeLeft(finished: number, total: number, elapsedMs: number): string {
  if (elapsedMs < 2_000 || finished === 0 || finished >= total) return '';
  const seconds = Math.ceil(((elapsedMs / finished) * (total - finished)) / 1_000);
  return seconds < 100 ? `${String(seconds)}s left` : `${String(Math.ceil(seconds / 60))}m left`;
}
