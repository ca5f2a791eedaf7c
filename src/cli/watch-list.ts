import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { DeliveryError } from '../client/client-errors.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import { within } from '../http/within.js';
import { renderList, shownStatus } from './render-list.js';
import { columnsOf, deliveriesIn, hasColours, painter } from './terminal.js';

/** Each of its calls has a limit of its own; this one is for the sum of them. */
const LOOK_MS = 300_000;

export interface WatchOptions {
  readonly first: readonly DeliverySummary[];
  readonly look: () => Promise<readonly DeliverySummary[]>;
  readonly everyMs: number;
  readonly json: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Shows what `look` finds until `signal`; a look that fails is told and tried again. */
export async function watchList(options: WatchOptions): Promise<void> {
  const { everyMs, signal } = options;
  const screen = process.stdout.isTTY && !options.json ? openScreen() : openLog(options.json);
  try {
    screen.show(options.first);
    for (;;) {
      await delay(everyMs, undefined, { signal });
      await within(options.look(), LOOK_MS, signal).then(screen.show, (error: unknown) => {
        if (!(error instanceof DeliveryError)) throw error;
        screen.trouble(error.message);
      });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.close();
  }
}

interface Screen {
  readonly show: (deliveries: readonly DeliverySummary[]) => void;
  readonly trouble: (words: string) => void;
  readonly close: () => void;
}

const OPEN = '\x1b[?1049h\x1b[?25l';
const CLOSE = '\x1b[?25h\x1b[?1049l';
/** The terminal shows what is in between at once, if it knows how (DEC mode 2026). */
const [BEGIN, END] = ['\x1b[?2026h\x1b[H', '\x1b[J\x1b[?2026l'];

/** A screen of its own, drawn over line by line, so that nothing flickers; what was on the terminal comes back. */
function openScreen(): Screen {
  const { stdout } = process;
  const paint = painter(hasColours(stdout));
  let last: readonly DeliverySummary[] = [];
  let note = '';
  const draw = () => {
    const now = Date.now();
    const room = Math.max(2, (stdout.rows || 24) - 2);
    const table = renderList({ deliveries: last, now, colour: hasColours(stdout), columns: columnsOf(stdout) });
    const hidden = table.length > room ? `, ${String(table.length - room)} more below` : '';
    const time = new Date(now).toISOString().slice(11, 19);
    const foot = `${time}Z  ${deliveriesIn(last.length)}${hidden}  ${note}`.trimEnd();
    const lines = [...table.slice(0, room), '', paint(note === '' ? 'dim' : 'yellow', foot)];
    stdout.write(BEGIN + lines.map((line) => `${cut(line, columnsOf(stdout))}\x1b[K`).join('\n') + END);
  };
  stdout.write(OPEN);
  stdout.on('resize', draw);
  return {
    show: (deliveries) => {
      [last, note] = [deliveries, ''];
      draw();
    },
    trouble: (words) => {
      note = words;
      draw();
    },
    close: () => {
      stdout.off('resize', draw);
      stdout.write(CLOSE);
    },
  };
}

/** At most `columns` wide. A line that must be cut loses its colours: a code might be cut in two. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, columns - 1)}…`;
}

/** A line for each delivery that is new or has changed. */
function openLog(json: boolean): Screen {
  const told = new Map<string, string>();
  let trouble: string | undefined;
  const say = (words: string | undefined) => {
    if (words !== trouble) process.stderr.write(`${words ?? 'Temporal answers again'}\n`);
    trouble = words;
  };
  return {
    show: (deliveries) => {
      say(undefined);
      const changed = deliveries.filter((one) => told.get(one.workflowId) !== shownStatus(one));
      for (const one of changed) told.set(one.workflowId, shownStatus(one));
      const lines = json
        ? changed.map((one) => JSON.stringify(one))
        : changed.map((one) => `${new Date().toISOString()}  ${one.workflowId}  ${shownStatus(one)}`);
      if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    },
    trouble: say,
    close: () => undefined,
  };
}
