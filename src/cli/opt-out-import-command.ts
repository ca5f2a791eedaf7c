import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Command } from 'commander';
import { DeliveryError, InvalidInputError } from '../client/client-errors.js';
import { describeProblems } from '../contract/check.js';
import { isUnavailable } from './act-on-each.js';
import { wholeNumber } from './arguments.js';
import type { Access } from './client-access.js';
import { CommandFailedError, UnavailableError } from './errors.js';
import { named, unreadable } from './file-errors.js';
import { grouped } from './format.js';
import { withHashKey } from './opt-out-access.js';
import { readRows } from './opt-out-rows.js';
import { printJson, printLine, printNote } from './printer.js';
import type { Terminal } from './terminal.js';

interface ImportFlags {
  readonly file: string;
  readonly agent?: string;
  readonly concurrency: number;
  readonly json?: boolean;
}

export function optOutImportCommand(terminal: Terminal): Command {
  return new Command('import')
    .description('record many opt-outs from a file, each with its own result')
    .requiredOption('-f, --file <path>', 'the file; - reads stdin')
    .option('--agent <id>', 'the RBM agent of rows that name none')
    .option('--concurrency <number>', 'how many rows at a time', wholeNumber(1, 200), 20)
    .option('--json', 'print one JSON object per row, and the sums last')
    .addHelpText(
      'after',
      `
Each line is a JSON object with agentId, recipient, and perhaps sendTime,
source, channel (sms) and eventId; or the values of recipient, sendTime and
source, separated by commas. Without --agent, agentId comes first. A first
line may name the columns. sendTime (RFC 3339) is when the person opted out,
by default now.

A row that fails stops no other. Results name lines, never numbers. Running an
import again is harmless.

Examples:
  rcs-delivery opt-out import --agent acme --file opt-outs.csv
  export-opt-outs | rcs-delivery opt-out import --file - --json`,
    )
    .action(async (flags: ImportFlags) => {
      const input = flags.file === '-' ? terminal.stdin : await opened(flags.file);
      await withHashKey(terminal, (access) => importAll(access, input, flags));
    });
}

async function opened(file: string): Promise<Readable> {
  const stream = createReadStream(file);
  try {
    await once(stream, 'open');
  } catch (error) {
    throw unreadable(file, error);
  }
  return stream;
}

/** Stops early on Ctrl-C, and when as many rows in a row as are worked on at a time got no answer. */
async function importAll({ terminal, deliveries, config }: Access, input: Readable, flags: ImportFlags): Promise<void> {
  const { file, agent, concurrency, json = false } = flags;
  const signal = terminal.shutdownSignal();
  let [added, failed, unansweredInARow] = [0, 0, 0];
  const rows = readRows(input, agent, (columns) => {
    printNote(terminal, `note: the columns that are not known are left out: ${columns.join(', ')}`);
  });
  for await (const result of deliveries.optOuts.import(rows, { concurrency })) {
    const { line } = result.input;
    if (result.ok) {
      added += 1;
      unansweredInARow = 0;
      if (json) printJson(terminal, { line, ok: true });
    } else {
      const { code, problem } = reasonOf(result.error);
      failed += 1;
      unansweredInARow = isUnavailable(code) ? unansweredInARow + 1 : 0;
      if (json) printJson(terminal, { line, ok: false, code, problem });
      else printNote(terminal, `${named(file)}, line ${String(line)}: ${problem}`);
    }
    if (signal.aborted || unansweredInARow >= concurrency) break;
  }
  const people = (count: number) => `${grouped(count)} ${count === 1 ? 'opt-out' : 'opt-outs'}`;
  if (json) printJson(terminal, { added, failed });
  else printLine(terminal, `${people(added)} recorded, ${grouped(failed)} failed`);
  if (signal.aborted) throw new CommandFailedError('interrupted: run it again for the rest');
  if (unansweredInARow > 0) {
    throw new UnavailableError(`no answer from Temporal at ${config.temporal.address}: run it again for the rest`);
  }
  if (failed > 0) throw new CommandFailedError(`${people(failed)} failed: correct these lines and run it again`);
}

/** Throws an error that is a bug. */
function reasonOf(error: unknown): { readonly code: string; readonly problem: string } {
  if (!(error instanceof DeliveryError)) throw error;
  const problem = error instanceof InvalidInputError ? describeProblems(error.problems) : error.message;
  return { code: error.code, problem };
}
