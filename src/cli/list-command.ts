import { Command, Option } from 'commander';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import type { NotificationFilter } from '../client/notification-query.js';
import type { FallbackReason } from '../contract/status.js';
import { oneOf, wholeNumber } from './arguments.js';
import type { Access } from './client-access.js';
import { countEach, renderCounts } from './counts.js';
import { UsageError } from './errors.js';
import { checkHashKey, filterOf, filterOptions, reasons, type FilterFlags } from './filter-options.js';
import { deliveryCount, grouped } from './format.js';
import { LEGEND } from './list-legend.js';
import { renderList } from './list-view.js';
import { byNotification } from './notification-deliveries.js';
import { printJson, printLine, printNote, printResult, screenOf } from './printer.js';
import type { Terminal } from './terminal.js';
import { watchList, type Look } from './watch.js';

interface ListOptions extends FilterFlags {
  readonly reason?: readonly FallbackReason[];
  readonly open?: boolean;
  readonly closed?: boolean;
  readonly stuck?: boolean;
  readonly count?: boolean;
  readonly notification?: NotificationFilter['state'];
  readonly limit: number;
  readonly watch?: boolean;
  readonly interval: number;
  readonly json?: boolean;
  readonly printQuery?: boolean;
}

export function listCommand(terminal: Terminal): Command {
  const command = new Command('list').description('list deliveries: running ones first, then those that closed last');
  return filterOptions(command)
    .option('--reason <reason>', 'whose SMS was requested for this reason; separate several with commas', reasons)
    .option('--open', 'running')
    .option('--closed', 'no longer running')
    .option('--stuck', 'running although their expiry has passed')
    .addOption(
      oneOf(
        new Option('--notification <state>', 'with a notification that failed, or that is pending: it is retried'),
        ['failed', 'pending'],
      ),
    )
    .option('--count', 'only count them: by status, and by why an SMS was requested')
    .option('--limit <number>', 'at most this many', wholeNumber(1, 1_000_000), 50)
    .option('--watch', 'refresh the list until Ctrl-C')
    .option('--interval <seconds>', 'with --watch: the time between refreshes', wholeNumber(1, 3_600), 2)
    .option('--json', 'print one JSON object per line')
    .option('--print-query', "only print Temporal's list filter, for its Web UI or the temporal CLI")
    .addHelpText('after', HELP)
    .action(async (options: ListOptions) => {
      refuseContradictions(options);
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, (access) => list(access, options));
    });
}

const HELP = `
The list comes from Temporal's index, which is some seconds behind and leaves
out phases shorter than a minute. For an exact answer use status.

${LEGEND}

--since finds what started or closed since then. A delivery that started
before and still runs is not among them: use --open.
--watch redraws a terminal. Elsewhere it prints each delivery once, and again
when its status changes. On a narrow terminal ids are shortened to a beginning,
which every command accepts if it is unique: acme:0b2f6d0e.

Examples:
  rcs-delivery list --open --agent acme
  rcs-delivery list --since 1h --count
  rcs-delivery list --since 1h --reason unreachable,unconfirmed
  rcs-delivery list --status UNCERTAIN,UNDELIVERABLE --campaign spring --json
  rcs-delivery list --stuck --watch
  rcs-delivery list --notification failed --agent acme
  rcs-delivery list --recipient +15550100001 --print-query
  rcs-delivery list --query "StartTime > '2026-11-20T00:00:00Z'"`;

function refuseContradictions({ open, closed, stuck, count, watch, notification, printQuery }: ListOptions): void {
  if (open === true && closed === true) throw new UsageError('--open and --closed exclude each other');
  if (stuck === true && closed === true) throw new UsageError('--stuck and --closed exclude each other');
  if (count === true && watch === true) throw new UsageError('--count and --watch exclude each other');
  if (notification === undefined || (count !== true && printQuery !== true)) return;
  throw new UsageError(
    `--notification is no part of Temporal's list filter: leave out ${count === true ? '--count' : '--print-query'}`,
  );
}

async function list(access: Access, options: ListOptions): Promise<void> {
  const { json = false, limit, notification } = options;
  const { terminal, deliveries: client } = access;
  checkHashKey(options, access.config);
  const filter = listFilterOf(options);
  if (options.printQuery === true) {
    printLine(terminal, client.query(filter));
    return;
  }
  if (options.count === true) {
    const counts = await access.search(() => countEach(client, filter));
    printResult(terminal, { value: counts, json, text: (screen) => renderCounts(counts, screen) });
    return;
  }
  const look = () =>
    notification === undefined
      ? lookAt(access, filter, limit)
      : lookAtNotified(byNotification(client, filter, notification), limit);
  const found = await access.search(look);
  if (options.watch === true) {
    const everyMs = options.interval * 1_000;
    await watchList({ first: found, look, everyMs, json, terminal });
  } else print(terminal, found, json);
  if (found.deliveries.some(({ status }) => status === undefined)) {
    const missing = await access.missingAttributes();
    if (missing !== undefined) printNote(terminal, `note: ${missing}`);
  }
}

/** Counts only if there may be more than are listed. */
async function lookAt({ deliveries: client }: Access, filter: DeliveryFilter, limit: number): Promise<Look> {
  const deliveries: DeliverySummary[] = [];
  for await (const one of client.list(filter, { limit })) deliveries.push(one);
  const total = deliveries.length < limit ? deliveries.length : await client.count(filter);
  return { deliveries, total: Math.max(total, deliveries.length) };
}

/** One more than are listed is looked for, since nobody can count them. */
async function lookAtNotified(found: AsyncIterable<DeliverySummary>, limit: number): Promise<Look> {
  const deliveries: DeliverySummary[] = [];
  for await (const one of found) {
    if (deliveries.length === limit) return { deliveries, total: undefined };
    deliveries.push(one);
  }
  return { deliveries, total: deliveries.length };
}

function listFilterOf(options: ListOptions): DeliveryFilter {
  const { reason, open, closed, stuck } = options;
  return {
    ...filterOf(options),
    ...(reason !== undefined && { fallbackReason: reason }),
    ...((open ?? closed) !== undefined && { open: open === true }),
    ...(stuck !== undefined && { pastExpiry: stuck }),
  };
}

function print(terminal: Terminal, { deliveries, total }: Look, json: boolean): void {
  if (json) {
    for (const one of deliveries) printJson(terminal, one);
    return;
  }
  if (deliveries.length === 0) printNote(terminal, 'no delivery matches');
  else printLine(terminal, renderList({ deliveries, ...screenOf(terminal.stdout) }).join('\n'));
  const shown = deliveries.length;
  if (total === undefined) printNote(terminal, `the first ${deliveryCount(shown)}: --limit shows more`);
  else if (total > shown) printNote(terminal, `${grouped(shown)} of ${deliveryCount(total)}: --limit shows more`);
}
