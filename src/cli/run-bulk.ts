import type { DeliveryClient } from '../client/delivery-client.js';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import { actOnEach, isOutOfReach, type Done, type Tally } from './act-on-each.js';
import { CommandFailedError } from './command-failed-error.js';
import { OutOfReachError } from './out-of-reach-error.js';
import { createProgress } from './progress.js';
import { renderList } from './render-list.js';
import { explained } from './run-list.js';
import { shutdownSignal } from '../roles/shutdown-signal.js';
import { deliveriesIn, grouped, hasColours, widthOf } from './terminal.js';
import type { Access } from './with-delivery-client.js';

export interface Bulk {
  /** Temporal's list filter: which of the running deliveries. */
  readonly query: string;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
  /** What is done, as in `would take back 3 running deliveries`. */
  readonly would: (deliveries: string) => string;
}

const SAMPLE = 5;

/** How many running deliveries it is about, and a few of them. Without --yes it prints that, and undefined is returned. */
export async function agreed(
  access: Access,
  { query, yes, json, would }: Bulk,
): Promise<{ readonly matched: number; readonly filter: DeliveryFilter } | undefined> {
  const filter = { query, open: true };
  const matched = await explained(access, () => access.deliveries.count(filter));
  if (yes === true) return { matched, filter };
  const deliveries: DeliverySummary[] = [];
  for await (const one of access.deliveries.list(filter, { limit: SAMPLE })) deliveries.push(one);
  if (json === true) {
    const sample = deliveries.map(({ workflowId }) => workflowId);
    process.stdout.write(`${JSON.stringify({ dryRun: true, matched, sample })}\n`);
    return undefined;
  }
  process.stdout.write(`${dryRun(would, matched, deliveries).join('\n')}\n`);
  return undefined;
}

function dryRun(would: Bulk['would'], matched: number, deliveries: readonly DeliverySummary[]): string[] {
  if (matched === 0) return ['no running delivery is found: there is nothing to do'];
  const { stdout } = process;
  const table = renderList({ deliveries, now: Date.now(), colour: hasColours(stdout), columns: widthOf(stdout) });
  const more = matched > deliveries.length ? [`… and ${deliveriesIn(matched - deliveries.length)} more`] : [];
  const head = `would ${would(deliveriesIn(matched, 'running'))}`;
  return [head, '', ...table, ...more, '', 'Nothing was done yet: --yes does it.'];
}

export interface RunBulkOptions extends Bulk {
  readonly concurrency: number;
  readonly act: (deliveries: DeliveryClient, workflowId: string) => Promise<Done>;
}

/** One update per running delivery. Throws when not all went well. */
export async function runBulk(access: Access, options: RunBulkOptions): Promise<void> {
  const { deliveries, config } = access;
  const go = await agreed(access, options);
  if (go === undefined) return;
  const { matched, filter } = go;
  const progress = createProgress(matched, process.stderr);
  const ids = async function* () {
    for await (const { workflowId } of deliveries.list(filter)) yield workflowId;
  };
  const tally = await actOnEach({
    workflowIds: ids(),
    act: (workflowId) => options.act(deliveries, workflowId),
    concurrency: options.concurrency,
    signal: shutdownSignal(),
    onProgress: (through, failed) => {
      progress.update(through, failed === 0 ? '' : `${grouped(failed)} failed`);
    },
  }).finally(progress.end);
  const text = options.json === true ? JSON.stringify({ dryRun: false, matched, ...tally }) : summary(tally, matched);
  process.stdout.write(`${text}\n`);
  complain(tally, config.temporal.address);
}

function summary({ done, skipped, failed }: Tally, matched: number): string {
  const width = grouped(matched).length;
  const line = (count: number, what: string) => `${grouped(count).padStart(width)} ${what}`;
  const skips = Object.entries(skipped).map(([reason, count]) => line(count, `skipped: ${reason}`));
  const failures = Object.entries(failed).flatMap(([kind, { count, sample }]) => [
    line(count, `failed: ${kind}${count > sample.length ? ', such as' : ''}`),
    ...sample.map((workflowId) => `${' '.repeat(width)}   ${workflowId}`),
  ]);
  return [`${deliveriesIn(matched)}:`, line(done, 'done'), ...skips, ...failures].join('\n');
}

function complain({ failed, stopped }: Tally, address: string): void {
  if (stopped === 'interrupted') throw new CommandFailedError('stopped: run it again for the rest');
  const kinds = Object.keys(failed);
  // With few deliveries nothing had to stop, and yet it is the same.
  if (stopped === 'unavailable' || (kinds.length > 0 && kinds.every(isOutOfReach))) {
    throw new OutOfReachError(`no answer from Temporal at ${address} or from a worker: run it again for the rest`);
  }
  const count = Object.values(failed).reduce((sum, one) => sum + one.count, 0);
  if (count > 0) throw new CommandFailedError(`${deliveriesIn(count)} failed`);
}
