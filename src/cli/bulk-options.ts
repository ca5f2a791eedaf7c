import type { Command } from 'commander';
import type { DeliveryId } from '../contract/ids.js';
import { deliveryIdOf } from './delivery-reference.js';
import { UsageError } from './usage-error.js';
import { wholeNumber } from './whole-number.js';

export interface BulkFlags {
  readonly query?: string;
  readonly yes?: boolean;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** Of commands that change one delivery or many. */
export function bulkOptions(command: Command): Command {
  return command
    .option('--query <query>', "instead of one: every running delivery that Temporal's list filter finds")
    .option('--yes', '--query: do it; without, it is only said what would be done')
    .option('--concurrency <number>', '--query: how many at once', wholeNumber(1, 200), 10)
    .option('--json', 'print the result as JSON');
}

export type Target = { readonly id: DeliveryId } | { readonly query: string };

export function targetOf(
  first: string | undefined,
  messageId: string | undefined,
  { query, yes }: Pick<BulkFlags, 'query' | 'yes'>,
): Target {
  if ((first === undefined) === (query === undefined)) throw new UsageError('give either one delivery or --query');
  if (query === undefined && yes !== undefined) throw new UsageError('--yes belongs to --query');
  if (query?.trim() === '') throw new UsageError('--query must not be empty: ExecutionStatus="Running" finds them all');
  return query === undefined ? { id: deliveryIdOf(first ?? '', messageId) } : { query };
}
