import { setTimeout as delay } from 'node:timers/promises';
import { DeliveryError } from '../client/client-errors.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import { within } from '../http/within.js';
import { cut, deliveryCount, grouped } from './format.js';
import { renderList, shownStatus } from './list-view.js';
import { painter, printJson, printLine, printNote, screenOf } from './printer.js';
import { oneLine, safeText } from './safe-text.js';
import type { Terminal } from './terminal.js';

/** The time limit of one refresh, which may make several calls that each have their own limit. Milliseconds. */
const LOOK_MS = 300_000;

/** What one look at the list has found. */
export interface Look {
  readonly deliveries: readonly DeliverySummary[];
  /** How many match. More than there are deliveries if a limit left some out. Undefined: more, and nobody knows how many. */
  readonly total: number | undefined;
}

export interface WatchOptions {
  readonly first: Look;
  readonly look: () => Promise<Look>;
  readonly everyMs: number;
  readonly json: boolean;
  /** Its shutdown signal ends the watch. */
  readonly terminal: Terminal;
}

/**
 * Shows what `look` finds, again and again until the terminal's shutdown signal. A failed `look` is reported, and the
 * watch goes on.
 */
export async function watchList(options: WatchOptions): Promise<void> {
  const { everyMs, terminal, json } = options;
  const signal = terminal.shutdownSignal();
  const output = terminal.stdout.isTTY === true && !json ? openScreen(terminal) : openLog(terminal, json);
  try {
    output.show(options.first);
    for (;;) {
      await delay(everyMs, undefined, { signal });
      await within(options.look(), LOOK_MS, signal).then(output.show, (error: unknown) => {
        if (!(error instanceof DeliveryError)) throw error;
        output.trouble(error.message);
      });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    output.close();
  }
}

interface View {
  readonly show: (found: Look) => void;
  readonly trouble: (message: string) => void;
  readonly close: () => void;
}

/** `10 of 52 deliveries`, or `the first 10 deliveries` of nobody knows how many. */
function countText({ deliveries, total }: Look): string {
  const shown = deliveries.length;
  if (total === undefined) return `the first ${deliveryCount(shown)}`;
  return `${total > shown ? `${grouped(shown)} of ` : ''}${deliveryCount(total)}`;
}

/** The terminal's alternate screen, without a cursor. Closing it shows again what was there before. */
const OPEN = '\x1b[?1049h\x1b[?25l';
const CLOSE = '\x1b[?25h\x1b[?1049l';
/** A terminal with DEC mode 2026 shows everything between these two at once. */
const [BEGIN, END] = ['\x1b[?2026h\x1b[H', '\x1b[J\x1b[?2026l'];

/** Redraws the list line by line, so that nothing flickers. */
function openScreen({ stdout }: Terminal): View {
  let last: Look = { deliveries: [], total: 0 };
  let note = '';
  const draw = () => {
    const screen = screenOf(stdout);
    const height = Math.max(2, (stdout.rows || 24) - 2);
    const { deliveries, total } = last;
    const table = renderList({ deliveries, ...screen });
    const hidden = table.length > height ? `, ${String(table.length - height)} more below` : '';
    const time = new Date(screen.now).toISOString().slice(11, 19);
    const foot = `${time}Z  ${countText({ deliveries, total })}${hidden}  ${oneLine(note)}`.trimEnd();
    const paint = painter(screen.colour);
    const lines = [...table.slice(0, height), '', paint(note === '' ? 'dim' : 'yellow', foot)];
    stdout.write(BEGIN + lines.map((line) => `${cut(safeText(line, screen), screen.columns)}\x1b[K`).join('\n') + END);
  };
  stdout.write(OPEN);
  stdout.on?.('resize', draw);
  return {
    show: (found) => {
      [last, note] = [found, ''];
      draw();
    },
    trouble: (message) => {
      note = message;
      draw();
    },
    close: () => {
      stdout.off?.('resize', draw);
      stdout.write(CLOSE);
    },
  };
}

/** Prints a line for each delivery that is new or whose status has changed. */
function openLog(terminal: Terminal, json: boolean): View {
  const shown = new Map<string, string>();
  let trouble: string | undefined;
  const setTrouble = (message: string | undefined) => {
    if (message !== trouble) printNote(terminal, message ?? 'Temporal answers again');
    trouble = message;
  };
  return {
    show: ({ deliveries }) => {
      setTrouble(undefined);
      const changed = deliveries.filter((one) => shown.get(one.workflowId) !== shownStatus(one));
      for (const one of changed) {
        shown.set(one.workflowId, shownStatus(one));
        const text = `${new Date().toISOString()}  ${one.workflowId}  ${oneLine(shownStatus(one))}`;
        if (json) printJson(terminal, one);
        else printLine(terminal, text);
      }
    },
    trouble: setTrouble,
    close: () => undefined,
  };
}
