import type { Command } from 'commander';
import { DeliveryClosedError, NoWorkerError } from '../client/client-errors.js';
import type { DeliveryHandle } from '../client/delivery-handle.js';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import type { DeliveryStatus } from '../contract/status.js';
import type { Done } from './act-on-each.js';
import { referenceOf, wholeNumber, type Reference } from './arguments.js';
import { changeEach } from './change-each.js';
import type { Access } from './client-access.js';
import { CommandFailedError, UnavailableError, UsageError } from './errors.js';
import { checkHashKey, filterOf, filterOptions, isFiltered, type FilterFlags } from './filter-options.js';
import { findDelivery } from './find-delivery.js';
import { deliveryCount, grouped } from './format.js';
import { renderList } from './list-view.js';
import { printResult } from './printer.js';
import { printStatus } from './status-view.js';
import { forecastSms, smsSentences, type SmsForecast } from './sms-forecast.js';
import type { Terminal } from './terminal.js';
import { wrapped } from './wrap.js';

export interface QueryFlags extends FilterFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}
export interface BulkFlags extends QueryFlags {
  readonly concurrency: number;
}

/** Adds the options of a command that changes one delivery or many. */
export function queryOptions(command: Command): Command {
  return filterOptions(command)
    .option('--yes', 'change all that match; without it the command only shows what it would do')
    .option('--json', 'print the result as JSON');
}

export function bulkOptions(command: Command): Command {
  return queryOptions(command).option(
    '--concurrency <number>',
    'how many of many deliveries at a time',
    wholeNumber(1, 200),
    10,
  );
}

/** For the help of every command with these options. */
export const BULK_HELP = `
Without a delivery, the options --status, --agent, --campaign, --recipient,
--since and --query select the running deliveries that are changed, as in list.
Given together, all must match.`;

export type Target = { readonly one: Reference } | { readonly filter: DeliveryFilter };

/** Reads which deliveries a command is about. */
export function targetOf(first: string | undefined, messageId: string | undefined, flags: QueryFlags): Target {
  if ((first === undefined) !== isFiltered(flags)) {
    throw new UsageError('give either one delivery, or --query or another filter such as --campaign');
  }
  if (first !== undefined) {
    if (flags.yes !== undefined) throw new UsageError('--yes belongs to --query and the other filters');
    return { one: referenceOf(first, messageId) };
  }
  if (flags.query?.trim() === '') {
    throw new UsageError('--query must not be empty: ExecutionStatus="Running" matches every running delivery');
  }
  return { filter: { ...filterOf(flags), open: true } };
}

export interface Change {
  readonly one: (handle: DeliveryHandle) => Promise<DeliveryStatus>;
  /** The same for one of many. Must be harmless to repeat. */
  readonly each: (handle: DeliveryHandle) => Promise<Done>;
  readonly plan: Plan;
}

/** What a dry run says. */
export interface Plan {
  /** What is done, as in `would revoke 3 running deliveries`. */
  readonly would: (deliveries: string) => string;
  /** Why nobody gets an SMS by it. Undefined: whoever has one gets it, unless the message is delivered. */
  readonly noSms?: string;
  /** Sentences about what else follows. */
  readonly note?: string;
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
    checkHashKey(flags, access.config);
    if ('filter' in target) return changeMatching(access, { flags, filter: target.filter, change });
    const id = await findDelivery(access, target.one);
    const status = await changeOne(access.deliveries.handle(id), change.one);
    printStatus(terminal, status, flags.json);
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

/** Counts the running deliveries that match. Without --yes it prints what would be done, and returns undefined. */
export async function confirmed(
  access: Access,
  { filter, flags, plan }: { readonly filter: DeliveryFilter; readonly flags: QueryFlags; readonly plan: Plan },
): Promise<number | undefined> {
  const { terminal, deliveries: client, search } = access;
  const matched = await search(() => client.count(filter));
  if (flags.yes === true) return matched;
  const deliveries: DeliverySummary[] = [];
  for await (const one of client.list(filter, { limit: SAMPLE })) deliveries.push(one);
  const sms = await smsOf(access, filter, { matched, plan });
  printResult(terminal, {
    value: { dryRun: true, matched, sms: sms ?? null, sample: deliveries.map(({ workflowId }) => workflowId) },
    json: flags.json,
    text: (screen) => {
      if (matched === 0) return NOTHING_TO_DO;
      const table = renderList({ deliveries, ...screen });
      const more = matched > deliveries.length ? [`… and ${grouped(matched - deliveries.length)} more`] : [];
      const paragraphs = [plan.noSms ?? smsSentences(sms, matched), ...(plan.note === undefined ? [] : [plan.note])];
      const texts = paragraphs.flatMap((text) => wrapped(text, screen.columns));
      const head = `would ${plan.would(deliveryCount(matched, 'running'))}`;
      return [head, ...texts, '', ...table, ...more, '', 'Nothing has been done. Add --yes to do it.'].join('\n');
    },
  });
  return undefined;
}

function smsOf(
  access: Access,
  filter: DeliveryFilter,
  { matched, plan }: { readonly matched: number; readonly plan: Plan },
): Promise<SmsForecast | undefined> {
  const nobody = { asked: 0, follows: 0, requested: 0, none: matched };
  return plan.noSms === undefined && matched > 0 ? forecastSms(access, filter) : Promise.resolve(nobody);
}

interface Many {
  readonly flags: BulkFlags;
  readonly filter: DeliveryFilter;
  readonly change: Change;
}

async function changeMatching(access: Access, { flags, filter, change }: Many): Promise<void> {
  const { deliveries } = access;
  const matched = await confirmed(access, { filter, flags, plan: change.plan });
  if (matched === undefined) return;
  const ids = async function* () {
    for await (const { workflowId } of deliveries.list(filter)) yield workflowId;
  };
  await changeEach(access, {
    ...{ workflowIds: ids(), matched, concurrency: flags.concurrency, json: flags.json, counted: deliveryCount },
    act: (workflowId) => change.each(deliveries.handle(workflowId)),
  });
}
