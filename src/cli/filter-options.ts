import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DeliveryFilter } from '../client/delivery-query.js';
import { FALLBACK_REASONS, LISTED_STATUSES, type FallbackReason, type ListedStatus } from '../contract/status.js';
import type { ClientConfig } from '../config/client-config.js';
import { UsageError } from './errors.js';
import { sinceOf } from './times.js';

/** The options that select deliveries, in `list` and in the commands that change many. */
export interface FilterFlags {
  readonly status?: readonly ListedStatus[];
  readonly agent?: string;
  readonly campaign?: string;
  readonly recipient?: string;
  readonly since?: number;
  readonly query?: string;
}

/** Adds the options. */
export function filterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--status <status>', 'in this state; separate several with commas (list --help names them)').argParser(
        statuses,
      ),
    )
    .option('--agent <id>', 'of one RBM agent')
    .option('--campaign <id>', 'of one campaign')
    .option('--recipient <number>', 'to one phone number; needs RECIPIENT_HASH_KEY')
    .option('--since <time>', 'started or closed since then: 30m, 1h, 2d or an RFC 3339 time', sinceArgument)
    .option('--query <query>', "a condition in Temporal's list filter, beside the other options");
}

/** A relative time counts from the start of the command, also while `list --watch` goes on. */
const sinceArgument = (text: string): number => asArgument(() => sinceOf(text, '--since', Date.now()));

function asArgument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
  }
}

function statuses(given: string): ListedStatus[] {
  return given.split(',').map((word) => {
    const name = word.trim().toUpperCase();
    const status = LISTED_STATUSES.find((one) => one === name);
    if (status !== undefined) return status;
    throw new InvalidArgumentError(name === 'AWAITING_DELIVERY' ? USE_STARTED : oneOfThese(LISTED_STATUSES));
  });
}

/** Why there is no such status: see STARTED in src/contract/status.ts. */
const USE_STARTED =
  'The list has no AWAITING_DELIVERY: use STARTED. It holds every delivery from its start until a phase of some length, ' +
  'so it does not say whether RBM has the message. For one delivery, status does.';

/** Reads why an SMS was requested: one or more words with commas. */
export function reasons(given: string): FallbackReason[] {
  return given.split(',').map((word) => {
    const reason = FALLBACK_REASONS.find((one) => one.toLowerCase() === word.trim().toLowerCase());
    if (reason !== undefined) return reason;
    throw new InvalidArgumentError(oneOfThese(FALLBACK_REASONS));
  });
}

const oneOfThese = (values: readonly string[]): string => `Each must be one of ${values.join(', ')}.`;

/** Whether any of the options was given. */
export const isFiltered = ({ status, agent, campaign, recipient, since, query }: FilterFlags): boolean =>
  [status, agent, campaign, recipient, since, query].some((value) => value !== undefined);

export function filterOf(flags: FilterFlags): DeliveryFilter {
  const { status, agent, campaign, recipient, since, query } = flags;
  return {
    ...(status !== undefined && { status }),
    ...(agent !== undefined && { agentId: agent }),
    ...(campaign !== undefined && { campaignId: campaign }),
    ...(recipient !== undefined && { recipient }),
    ...(since !== undefined && { since: new Date(since) }),
    ...(query !== undefined && { query }),
  };
}

export function checkHashKey({ recipient }: FilterFlags, { recipientHashKey }: ClientConfig): void {
  if (recipient === undefined || recipientHashKey !== undefined) return;
  throw new UsageError('--recipient needs RECIPIENT_HASH_KEY, the same as where deliveries are started');
}
