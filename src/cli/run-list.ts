import { TemporalRefusedError } from '../client/client-errors.js';
import { checkSearchAttributes } from '../temporal/namespace-search-attributes.js';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import type { ListOptions } from './list-command.js';
import { renderList } from './render-list.js';
import { shutdownSignal } from '../roles/shutdown-signal.js';
import { deliveriesIn, grouped, hasColours, widthOf } from './terminal.js';
import { causeText } from './temporal-words.js';
import { UsageError } from './usage-error.js';
import { watchList } from './watch-list.js';
import { withAccess, type Access } from './with-delivery-client.js';

export async function runList(options: ListOptions): Promise<void> {
  await withAccess(async (access) => {
    if (options.recipient !== undefined && access.config.recipientHashKey === undefined) {
      throw new UsageError('--recipient needs RECIPIENT_HASH_KEY, the same as where deliveries are started');
    }
    const filter = filterOf(options);
    if (options.printQuery === true) {
      process.stdout.write(`${access.deliveries.query(filter)}\n`);
      return;
    }
    const look = async () => {
      const found: DeliverySummary[] = [];
      for await (const one of access.deliveries.list(filter, { limit: options.limit })) found.push(one);
      return found;
    };
    const deliveries = await explained(access, look);
    if (options.watch === true) {
      const signal = shutdownSignal();
      await watchList({
        first: deliveries,
        look,
        signal,
        json: options.json === true,
        everyMs: options.interval * 1_000,
      });
    } else if (options.json === true) for (const one of deliveries) process.stdout.write(`${JSON.stringify(one)}\n`);
    else await print(access, filter, deliveries, options.limit);
    if (deliveries.some(({ status }) => status === undefined)) await noteMissing(access);
  });
}

export function filterOf(options: Omit<ListOptions, 'limit' | 'interval'>): DeliveryFilter {
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

async function print(
  { deliveries: client }: Access,
  filter: DeliveryFilter,
  deliveries: readonly DeliverySummary[],
  limit: number,
): Promise<void> {
  const { stdout, stderr } = process;
  if (deliveries.length === 0) {
    stderr.write('no such deliveries\n');
    return;
  }
  const lines = renderList({ deliveries, now: Date.now(), colour: hasColours(stdout), columns: widthOf(stdout) });
  stdout.write(`${lines.join('\n')}\n`);
  if (deliveries.length < limit) return;
  const all = await client.count(filter);
  if (all > limit) stderr.write(`${grouped(limit)} of ${deliveriesIn(all)}: --limit shows more\n`);
}

/** What a refusal means to whoever asked: mostly it is the query, or the namespace lacks what it asks by. */
export async function explained<T>(access: Access, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TemporalRefusedError)) throw error;
    const missing = await missingAttributes(access);
    if (missing.length > 0) throw new UsageError(`${lacks(access, missing)}, so it cannot be asked like that`);
    const unknown = /column name '([A-Za-z]\w{0,62})'/.exec(causeText(error))?.[1];
    if (unknown !== undefined) throw new UsageError(`--query: this namespace has no search attribute ${unknown}`);
    if (!/invalid query|malformed/i.test(causeText(error))) throw error;
    throw new UsageError(`Temporal does not understand --query: ${reasonIn(causeText(error))}`);
  }
}

/** Temporal's own words, whose place in the query is that in the one we made of it. main.ts takes numbers out. */
function reasonIn(text: string): string {
  const [, reason = ''] =
    /invalid query: (?:malformed SQL query: |invalid expression: )?([^\n]{1,200})/.exec(text) ?? [];
  return [reason.replace(/ at position \d+/, '').trim(), 'see https://docs.temporal.io/list-filter']
    .filter((part) => part !== '')
    .join('; ');
}

async function noteMissing(access: Access): Promise<void> {
  const missing = await missingAttributes(access);
  if (missing.length > 0) process.stderr.write(`note: ${lacks(access, missing)}\n`);
}

/** None where it cannot be known. */
async function missingAttributes({ connection, config }: Access): Promise<readonly string[]> {
  const { namespace } = config.temporal;
  return checkSearchAttributes({ connection, namespace }).then(
    ({ missing, conflicting }) => [...missing, ...conflicting.map(({ name }) => name)],
    () => [],
  );
}

const lacks = ({ config }: Access, missing: readonly string[]): string =>
  `namespace ${config.temporal.namespace} lacks the search attributes ${missing.join(', ')} (rcs-delivery setup)`;
