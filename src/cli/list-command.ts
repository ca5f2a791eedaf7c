import { Command, InvalidArgumentError, Option } from 'commander';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import { LISTED_STATUSES } from '../contract/status.js';
import { wholeNumber } from './arguments.js';
import type { Access } from './client-access.js';
import { UsageError } from './errors.js';
import { deliveryCount, grouped } from './format.js';
import { renderList } from './list-view.js';
import { printJson, printLine, printNote, screenOf } from './printer.js';
import type { Terminal } from './terminal.js';
import { watchList } from './watch.js';

interface ListOptions {
  readonly status?: NonNullable<DeliveryFilter['status']>;
  readonly agent?: string;
  readonly campaign?: string;
  readonly recipient?: string;
  readonly open?: boolean;
  readonly closed?: boolean;
  readonly stuck?: boolean;
  readonly query?: string;
  readonly limit: number;
  readonly watch?: boolean;
  readonly interval: number;
  readonly json?: boolean;
  readonly printQuery?: boolean;
}

const STATUSES = LISTED_STATUSES;

export function listCommand(terminal: Terminal): Command {
  return new Command('list')
    .description('list deliveries: running ones first, then those that closed last')
    .addOption(
      new Option('--status <status>', 'in this phase, or with this outcome; separate several with commas')
        .choices(STATUSES)
        .argParser(statuses),
    )
    .option('--agent <id>', 'of one RBM agent')
    .option('--campaign <id>', 'of one campaign')
    .option('--recipient <number>', 'to one phone number; needs RECIPIENT_HASH_KEY')
    .option('--open', 'running')
    .option('--closed', 'no longer running')
    .option('--stuck', 'running although their expiry has passed')
    .option('--query <query>', "a condition in Temporal's list filter, beside the other options")
    .option('--limit <number>', 'at most this many', wholeNumber(1, 1_000_000), 50)
    .option('--watch', 'refresh the list until Ctrl-C')
    .option('--interval <seconds>', 'with --watch: the time between refreshes', wholeNumber(1, 3_600), 2)
    .option('--json', 'print one JSON object per line')
    .option('--print-query', "only print Temporal's list filter, for its Web UI or the temporal CLI")
    .addHelpText(
      'after',
      `
The list comes from Temporal's index, which is some seconds behind and leaves
out phases shorter than a minute. For an exact answer use status.
--watch redraws a terminal. Elsewhere it prints each delivery once, and again
when its status changes.

Examples:
  rcs-delivery list --open --agent acme
  rcs-delivery list --status UNCERTAIN,UNDELIVERABLE --campaign spring --json
  rcs-delivery list --stuck --watch
  rcs-delivery list --recipient +15550100001 --print-query
  rcs-delivery list --query "StartTime > '2026-11-20T00:00:00Z'"`,
    )
    .action(async (options: ListOptions) => {
      const { open, closed, stuck } = options;
      if (open === true && closed === true) throw new UsageError('--open and --closed exclude each other');
      if (stuck === true && closed === true) throw new UsageError('--stuck and --closed exclude each other');
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, (access) => list(access, options));
    });
}

function statuses(given: string): NonNullable<DeliveryFilter['status']> {
  return given.split(',').map((word) => {
    const status = STATUSES.find((one) => one === word.trim().toUpperCase());
    if (status === undefined) throw new InvalidArgumentError(`Each must be one of ${STATUSES.join(', ')}.`);
    return status;
  });
}

async function list(access: Access, options: ListOptions): Promise<void> {
  const { json = false, limit } = options;
  const { terminal, deliveries: client } = access;
  if (options.recipient !== undefined && access.config.recipientHashKey === undefined) {
    throw new UsageError('--recipient needs RECIPIENT_HASH_KEY, the same as where deliveries are started');
  }
  const filter = filterOf(options);
  if (options.printQuery === true) {
    printLine(terminal, client.query(filter));
    return;
  }
  const look = async () => {
    const found: DeliverySummary[] = [];
    for await (const one of client.list(filter, { limit })) found.push(one);
    return found;
  };
  const deliveries = await access.search(look);
  if (options.watch === true) {
    const everyMs = options.interval * 1_000;
    await watchList({ first: deliveries, look, everyMs, json, terminal });
  } else if (json) {
    for (const one of deliveries) printJson(terminal, one);
  } else {
    printTable(terminal, deliveries);
    if (deliveries.length === limit) await noteMore(access, filter, limit);
  }
  if (deliveries.some(({ status }) => status === undefined)) {
    const missing = await access.missingAttributes();
    if (missing !== undefined) printNote(terminal, `note: ${missing}`);
  }
}

function filterOf(options: ListOptions): DeliveryFilter {
  const { status, agent, campaign, recipient, open, closed, stuck, query } = options;
  return {
    ...(status !== undefined && { status }),
    ...(agent !== undefined && { agentId: agent }),
    ...(campaign !== undefined && { campaignId: campaign }),
    ...(recipient !== undefined && { recipient }),
    ...((open ?? closed) !== undefined && { open: open === true }),
    ...(stuck !== undefined && { pastExpiry: stuck }),
    ...(query !== undefined && { query }),
  };
}

function printTable(terminal: Terminal, deliveries: readonly DeliverySummary[]): void {
  if (deliveries.length === 0) printNote(terminal, 'no delivery matches');
  else printLine(terminal, renderList({ deliveries, ...screenOf(terminal.stdout) }).join('\n'));
}

async function noteMore({ terminal, deliveries }: Access, filter: DeliveryFilter, limit: number): Promise<void> {
  const all = await deliveries.count(filter);
  if (all > limit) printNote(terminal, `${grouped(limit)} of ${deliveryCount(all)}: --limit shows more`);
}
