import type { Command } from 'commander';
import { DeliveryClosedError, NoWorkerError } from '../client/client-errors.js';
import type { DeliveryHandle } from '../client/delivery-handle.js';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import type { DeliveryId } from '../contract/ids.js';
import type { DeliveryStatus } from '../contract/status.js';
import { actOnEach, isUnavailable, type Done, type Tally } from './act-on-each.js';
import { deliveryIdOf, wholeNumber } from './arguments.js';
import type { Access } from './client-access.js';
import { CommandFailedError, UnavailableError, UsageError } from './errors.js';
import { deliveryCount, grouped } from './format.js';
import { renderList } from './list-view.js';
import { createProgress, printResult } from './printer.js';
import { printStatus } from './status-view.js';
import type { Terminal } from './terminal.js';

export interface QueryFlags {
  readonly query?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}
export interface BulkFlags extends QueryFlags {
  readonly concurrency: number;
}

/** Adds the options of a command that changes one delivery or many. */
export function queryOptions(command: Command): Command {
  return command
    .option('--query <query>', "act on all running deliveries that match Temporal's list filter")
    .option('--yes', 'with --query: do it; otherwise the command only shows what it would do')
    .option('--json', 'print the result as JSON');
}

export function bulkOptions(command: Command): Command {
  return queryOptions(command).option(
    '--concurrency <number>',
    'with --query: how many deliveries at a time',
    wholeNumber(1, 200),
    10,
  );
}

export type Target = { readonly id: DeliveryId } | { readonly query: string };

/** Reads which deliveries a command is about. */
export function targetOf(first: string | undefined, messageId: string | undefined, { query, yes }: QueryFlags): Target {
  if ((first === undefined) === (query === undefined)) throw new UsageError('give either one delivery or --query');
  if (query === undefined && yes !== undefined) throw new UsageError('--yes belongs to --query');
  if (query?.trim() === '') {
    throw new UsageError('--query must not be empty: ExecutionStatus="Running" matches every running delivery');
  }
  return query === undefined ? { id: deliveryIdOf(first ?? '', messageId) } : { query };
}

export interface Change {
  readonly one: (handle: DeliveryHandle) => Promise<DeliveryStatus>;
  /** The same for one of many. Must be harmless to repeat. */
  readonly each: (handle: DeliveryHandle) => Promise<Done>;
  /** What is done, as in `would revoke 3 running deliveries`. */
  readonly would: (deliveries: string) => string;
}

/** Changes one delivery and prints its new status, or changes each that a query finds and prints the totals. */
export async function changeDeliveries(
  terminal: Terminal,
  target: Target,
  flags: BulkFlags,
  change: Change,
): Promise<void> {
  const { withAccess } = await import('./client-access.js');
  await withAccess(terminal, async (access) => {
    if ('query' in target) await changeEach(access, { ...flags, query: target.query }, change);
    else printStatus(terminal, await changeOne(access.deliveries.handle(target.id), change.one), flags.json);
  });
}

async function changeOne(handle: DeliveryHandle, change: Change['one']): Promise<DeliveryStatus> {
  try {
    return await change(handle);
  } catch (cause) {
    if (cause instanceof NoWorkerError) {
      const hint = 'a worker may still make the change later. Check with rcs-delivery status';
      throw new UnavailableError(`${cause.message}; ${hint}`, { cause });
    }
    if (!(cause instanceof DeliveryClosedError)) throw cause;
    const { status } = await handle.status();
    throw new CommandFailedError(`${handle.workflowId} has settled already: ${status}`, { cause });
  }
}

const SAMPLE = 5;
export const NOTHING_TO_DO = 'no running delivery matches: there is nothing to do';

export interface Confirmation {
  readonly matched: number;
  readonly filter: DeliveryFilter;
}

/** Counts the running deliveries that match. Without --yes it prints the number and a sample, and returns undefined. */
export async function confirmed(
  { terminal, deliveries: client, search }: Access,
  { query, yes, json }: QueryFlags,
  would: Change['would'],
): Promise<Confirmation | undefined> {
  const filter = { ...(query !== undefined && { query }), open: true };
  const matched = await search(() => client.count(filter));
  if (yes === true) return { matched, filter };
  const deliveries: DeliverySummary[] = [];
  for await (const one of client.list(filter, { limit: SAMPLE })) deliveries.push(one);
  printResult(terminal, {
    value: { dryRun: true, matched, sample: deliveries.map(({ workflowId }) => workflowId) },
    json,
    text: (screen) => {
      if (matched === 0) return NOTHING_TO_DO;
      const table = renderList({ deliveries, ...screen });
      const more = matched > deliveries.length ? [`… and ${grouped(matched - deliveries.length)} more`] : [];
      const head = `would ${would(deliveryCount(matched, 'running'))}`;
      return [head, '', ...table, ...more, '', 'Nothing has been done. Add --yes to do it.'].join('\n');
    },
  });
  return undefined;
}

async function changeEach(access: Access, flags: BulkFlags, change: Change): Promise<void> {
  const { terminal, deliveries, config } = access;
  const go = await confirmed(access, flags, change.would);
  if (go === undefined) return;
  const { matched, filter } = go;
  const progress = createProgress(matched, terminal.stderr);
  const ids = async function* () {
    for await (const { workflowId } of deliveries.list(filter)) yield workflowId;
  };
  const tally = await actOnEach({
    workflowIds: ids(),
    act: (workflowId) => change.each(deliveries.handle(workflowId)),
    concurrency: flags.concurrency,
    signal: terminal.shutdownSignal(),
    onProgress: (finished, failed) => {
      progress.update(finished, failed === 0 ? '' : `${grouped(failed)} failed`);
    },
  }).finally(progress.end);
  printResult(terminal, {
    value: { dryRun: false, matched, ...tally },
    json: flags.json,
    text: () => sums(tally, matched),
  });
  throwUnlessComplete(tally, config.temporal.address);
}

function sums({ done, skipped, failed }: Tally, matched: number): string {
  const width = grouped(matched).length;
  const line = (count: number, what: string) => `${grouped(count).padStart(width)} ${what}`;
  const skips = Object.entries(skipped).map(([reason, count]) => line(count, `skipped: ${reason}`));
  const failures = Object.entries(failed).flatMap(([kind, { count, sample }]) => [
    line(count, `failed: ${kind}${count > sample.length ? ', such as' : ''}`),
    ...sample.map((workflowId) => `${' '.repeat(width)}   ${workflowId}`),
  ]);
  return [`${deliveryCount(matched)}:`, line(done, 'done'), ...skips, ...failures].join('\n');
}

function throwUnlessComplete({ failed, stopped }: Tally, address: string): void {
  if (stopped === 'interrupted') throw new CommandFailedError('interrupted: run it again for the rest');
  const kinds = Object.keys(failed);
  // With a few deliveries the run is over before it stops early, so `stopped` may be null.
  if (stopped === 'unavailable' || (kinds.length > 0 && kinds.every(isUnavailable))) {
    throw new UnavailableError(`no answer from Temporal at ${address}, or from a worker: run it again for the rest`);
  }
  const count = Object.values(failed).reduce((sum, one) => sum + one.count, 0);
  if (count > 0) throw new CommandFailedError(`${deliveryCount(count)} failed`);
}
