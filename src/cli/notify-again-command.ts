import { Command } from 'commander';
import { DeliveryNotFoundError } from '../client/client-errors.js';
import type { UnacceptedNotification } from '../client/notification-state.js';
import type { DeliveryId } from '../contract/ids.js';
import { referenceOf, wholeNumber, withReference } from './arguments.js';
import type { BulkFlags } from './bulk.js';
import type { Access } from './client-access.js';
import { UsageError } from './errors.js';
import { findDelivery } from './find-delivery.js';
import { nameOf, notificationLines, shortId } from './notification-view.js';
import { notifyEachAgain } from './notify-each-again.js';
import { printNote, printResult } from './printer.js';
import { checkedReason } from './reason.js';
import type { Terminal } from './terminal.js';
import { sinceOf } from './times.js';

interface NotifyAgainOptions extends BulkFlags {
  readonly reason: string;
  readonly failedSince?: string;
}

export function notifyAgainCommand(terminal: Terminal): Command {
  return withReference(new Command('notify-again'), { optional: true })
    .description('send notifications again that nobody accepted: of one delivery, or of many')
    .option('--reason <text>', "why, for Temporal's history; no personal data", 'sent again by an operator')
    .option('--failed-since <time>', 'all that failed since then: 2026-11-21T00:15:00Z, or 30m, 12h or 7d ago')
    .option('--query <query>', "all of the deliveries that match Temporal's list filter")
    .option('--yes', 'with --failed-since or --query: do it; otherwise the command only shows what it would do')
    .option('--json', 'print the result as JSON')
    .option('--concurrency <number>', 'with --yes: how many notifications at a time', wholeNumber(1, 200), 10)
    .addHelpText(
      'after',
      `
The worker then tries for three more days, with the same webhook-id. A
notification that was accepted, or that is still being retried, stays as it is.
So repeating the command is harmless. The command returns before the worker
has tried: see status. With --query and --failed-since both must match.

Examples:
  rcs-delivery notify-again acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery notify-again --failed-since 12h
  rcs-delivery notify-again --failed-since 12h \\
    --reason 'receiver repaired' --yes
  rcs-delivery notify-again --query 'CampaignId="spring"' --yes`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, options: NotifyAgainOptions) => {
      const { query, failedSince, yes } = options;
      const isBulk = query !== undefined || failedSince !== undefined;
      if ((first === undefined) !== isBulk)
        throw new UsageError('give either one delivery, or --failed-since, --query or both');
      if (!isBulk && yes !== undefined) throw new UsageError('--yes belongs to --failed-since and --query');
      if (query?.trim() === '') throw new UsageError('--query must not be empty');
      const reason = checkedReason(options.reason);
      const since =
        failedSince === undefined ? undefined : new Date(sinceOf(failedSince, '--failed-since', Date.now()));
      const reference = isBulk ? undefined : referenceOf(first ?? '', messageId);
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, async (access) => {
        if (reference === undefined) return notifyEachAgain(access, options, { reason, query, failedSince: since });
        return notifyAgain(access, await findDelivery(access, reference), { reason, json: options.json });
      });
    });
}

const NOT_KEPT = 'note: it was never started, or Temporal no longer keeps it (the retention of the namespace is over)';

interface How {
  readonly reason: string;
  readonly json: boolean | undefined;
}

async function notifyAgain({ terminal, deliveries }: Access, id: DeliveryId, { reason, json }: How): Promise<void> {
  const { notifications } = deliveries;
  const unaccepted = await notifications.unaccepted(id).catch((error: unknown) => {
    if (error instanceof DeliveryNotFoundError) printNote(terminal, NOT_KEPT);
    throw error;
  });
  const failed = unaccepted.filter(({ state }) => state === 'failed');
  const sent: UnacceptedNotification[] = [];
  for (const one of failed) {
    // Another command may have sent it again meanwhile.
    if ((await notifications.sendAgain(one.workflowId, { reason })) === 'sent') sent.push(one);
  }
  const pending = unaccepted.filter(({ state }) => state === 'pending');
  printResult(terminal, {
    value: { ...id, sentAgain: sent.map(({ workflowId }) => workflowId), pending },
    json,
    text: (screen) => {
      const lines = [
        ...sent.map((one) => `${nameOf(one)}: the worker sends it again`),
        ...pending.flatMap((one) => notificationLines(one, screen)),
      ];
      if (lines.length > 0) return lines.join('\n');
      return `nothing to send again: Temporal keeps no failed notification of ${shortId(id)}`;
    },
  });
}
