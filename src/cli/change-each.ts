import { actOnEach, isUnavailable, type Done, type Tally } from './act-on-each.js';
import type { Access } from './client-access.js';
import { CommandFailedError, UnavailableError } from './errors.js';
import { grouped } from './format.js';
import { createProgress, printResult } from './printer.js';

/** What is done to many deliveries or notifications. */
export interface ChangeOfMany {
  readonly workflowIds: AsyncIterable<string>;
  /** How many there are, as far as is known. */
  readonly matched: number;
  /** Must be harmless to repeat. */
  readonly act: (workflowId: string) => Promise<Done>;
  readonly concurrency: number;
  readonly json: boolean | undefined;
  /** 3 → `3 deliveries`, for example. */
  readonly counted: Counted;
  /** Printed if there are none. Default: the sums. */
  readonly nothingToDo?: string;
}
type Counted = (count: number) => string;

/** Changes each of them with a progress bar, and prints the sums. Throws unless all were changed or skipped. */
export async function changeEach({ terminal, config }: Access, change: ChangeOfMany): Promise<void> {
  const { workflowIds, matched, act, concurrency, json, counted, nothingToDo } = change;
  const progress = createProgress(matched, terminal.stderr);
  const tally = await actOnEach({
    ...{ workflowIds, act, concurrency, signal: terminal.shutdownSignal() },
    onProgress: (finished, failed) => {
      progress.update(finished, failed === 0 ? '' : `${grouped(failed)} failed`);
    },
  }).finally(progress.end);
  printResult(terminal, {
    value: { dryRun: false, matched, ...tally },
    json,
    text: () => (matched === 0 && nothingToDo !== undefined ? nothingToDo : sums(tally, matched, counted)),
  });
  throwUnlessComplete(tally, config.temporal.address, counted);
}

function sums({ done, skipped, failed }: Tally, matched: number, counted: Counted): string {
  const width = grouped(matched).length;
  const line = (count: number, what: string) => `${grouped(count).padStart(width)} ${what}`;
  const skips = Object.entries(skipped).map(([reason, count]) => line(count, `skipped: ${reason}`));
  const failures = Object.entries(failed).flatMap(([kind, { count, sample }]) => [
    line(count, `failed: ${kind}${count > sample.length ? ', such as' : ''}`),
    ...sample.map((workflowId) => `${' '.repeat(width)}   ${workflowId}`),
  ]);
  return [`${counted(matched)}:`, line(done, 'done'), ...skips, ...failures].join('\n');
}

function throwUnlessComplete({ failed, stopped }: Tally, address: string, counted: Counted): void {
  if (stopped === 'interrupted') throw new CommandFailedError('interrupted: run it again for the rest');
  const kinds = Object.keys(failed);
  // With a few deliveries the run is over before it stops early, so `stopped` may be null.
  if (stopped === 'unavailable' || (kinds.length > 0 && kinds.every(isUnavailable))) {
    throw new UnavailableError(`no answer from Temporal at ${address}, or from a worker: run it again for the rest`);
  }
  const count = Object.values(failed).reduce((sum, one) => sum + one.count, 0);
  if (count > 0) throw new CommandFailedError(`${counted(count)} failed`);
}
