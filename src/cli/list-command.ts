import { Command, InvalidArgumentError, Option } from 'commander';
import type { DeliveryFilter } from '../client/delivery-query.js';
import { OUTCOMES, PHASES } from '../contract/status.js';
import { UsageError } from './usage-error.js';
import { wholeNumber } from './whole-number.js';

export interface ListOptions {
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

const STATUSES = [...PHASES, ...OUTCOMES];

export function listCommand(): Command {
  return new Command('list')
    .description('list deliveries: those that run first, then those that ended last')
    .addOption(
      new Option('--status <status>', 'of this phase or outcome; several: with commas')
        .choices(STATUSES)
        .argParser(statuses),
    )
    .option('--agent <id>', "of one of RBM's agents")
    .option('--campaign <id>', 'of one campaign')
    .option('--recipient <number>', 'to one phone number; needs RECIPIENT_HASH_KEY')
    .option('--open', 'those that run')
    .option('--closed', 'those that have ended')
    .option('--stuck', 'those that run though their expiry has passed')
    .option('--query <query>', "more, as Temporal's list filter")
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1_000_000), 50)
    .option('--watch', 'look again and again until Ctrl-C')
    .option('--interval <seconds>', '--watch: how often', wholeNumber(1, 3_600), 2)
    .option('--json', 'print one JSON object per line')
    .option('--print-query', "only print the filter in Temporal's words, for its Web UI or `temporal`")
    .addHelpText(
      'after',
      `
Temporal's index is some seconds behind, and a phase of less than a minute is not told to it: \`status\` knows.
--watch redraws a terminal; elsewhere it prints each delivery once, and again when its status changes.

Examples:
  rcs-delivery list --open --agent acme
  rcs-delivery list --status UNCERTAIN,UNDELIVERABLE --campaign spring --json
  rcs-delivery list --stuck --watch
  rcs-delivery list --recipient +15550100001 --print-query
  rcs-delivery list --query "StartTime > '2026-11-20T00:00:00Z' AND MessageTrafficType = 'AUTHENTICATION'"`,
    )
    .action(async (options: ListOptions) => {
      if (options.open === true && options.closed === true)
        throw new UsageError('--open and --closed exclude each other');
      if (options.stuck === true && options.closed === true) throw new UsageError('--stuck means open ones');
      const { runList } = await import('./run-list.js');
      await runList(options);
    });
}

function statuses(given: string): NonNullable<DeliveryFilter['status']> {
  return given.split(',').map((word) => {
    const status = STATUSES.find((one) => one === word.trim().toUpperCase());
    if (status === undefined) throw new InvalidArgumentError(`Each must be one of ${STATUSES.join(', ')}.`);
    return status;
  });
}
