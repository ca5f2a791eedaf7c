import type { UnacceptedNotification } from '../client/notification-state.js';
import type { SentAgain } from '../client/delivery-notifications.js';
import type { Done } from './act-on-each.js';
import type { BulkFlags } from './bulk.js';
import { changeEach } from './change-each.js';
import type { Access } from './client-access.js';
import { deliveryCount, grouped } from './format.js';
import { withDeliveries } from './notification-deliveries.js';
import { notificationCount, notificationLines } from './notification-view.js';
import { printResult } from './printer.js';

export interface Wanted {
  readonly reason: string;
  readonly query: string | undefined;
  readonly failedSince: Date | undefined;
}

/** Sends the failed notifications again that match. Without --yes it prints their number and a sample. */
export async function notifyEachAgain(access: Access, flags: BulkFlags, wanted: Wanted): Promise<void> {
  const { deliveries, search } = access;
  const failed = await search(() => failedOnes(access, wanted));
  if (flags.yes !== true) {
    printDryRun(access, flags, failed);
    return;
  }
  const ids = async function* () {
    for (const { workflowId } of failed) yield await Promise.resolve(workflowId);
  };
  await changeEach(access, {
    ...{ workflowIds: ids(), matched: failed.length, concurrency: flags.concurrency, json: flags.json },
    ...{ counted: notificationCount, nothingToDo: NOTHING_TO_DO },
    act: async (workflowId) => done(await deliveries.notifications.sendAgain(workflowId, wanted)),
  });
}

async function failedOnes({ deliveries }: Access, wanted: Wanted): Promise<UnacceptedNotification[]> {
  const { query, failedSince } = wanted;
  const found: UnacceptedNotification[] = [];
  const notifications = deliveries.notifications.list({ state: 'failed', failedSince });
  if (query === undefined) for await (const one of notifications) found.push(one);
  else
    for await (const { notification } of withDeliveries(deliveries, { query }, notifications)) found.push(notification);
  return found;
}

const done = (answer: SentAgain): Done => (answer === 'sent' ? { done: true } : { skipped: SKIPPED[answer] });

/** What has become of a notification between the look at it and the attempt to send it again. */
const SKIPPED = {
  accepted: 'accepted meanwhile',
  pending: 'being sent already',
  gone: 'no longer kept by Temporal',
} as const;

const SAMPLE = 5;
const NOTHING_TO_DO = 'no failed notification matches: there is nothing to do';

function printDryRun({ terminal }: Access, { json }: BulkFlags, failed: readonly UnacceptedNotification[]): void {
  const matched = failed.length;
  const deliveries = new Set(failed.map(({ delivery }) => delivery)).size;
  const sample = failed.slice(0, SAMPLE);
  printResult(terminal, {
    value: { dryRun: true, matched, deliveries, sample: sample.map(({ workflowId }) => workflowId) },
    json,
    text: (screen) => {
      if (matched === 0) return NOTHING_TO_DO;
      const lines = sample.flatMap((one) => [one.delivery, `  ${notificationLines(one, screen)[0] ?? ''}`]);
      const more = matched > SAMPLE ? [`… and ${grouped(matched - SAMPLE)} more`] : [];
      const head = `would send ${notificationCount(matched)} of ${deliveryCount(deliveries)} again`;
      return [head, '', ...lines, ...more, '', 'Nothing has been done. Add --yes to do it.'].join('\n');
    },
  });
}
