import { Command } from 'commander';
import { DeliveryFailedError, NoWorkerError } from '../client/client-errors.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { statusQuery } from '../contract/messages.js';
import type { DeliveryStatus } from '../contract/status.js';
import { referenceOf, withReference } from './arguments.js';
import type { Access } from './client-access.js';
import { findDelivery } from './find-delivery.js';
import { renderIndexed } from './indexed-view.js';
import { printStatusAndNotifications, unacceptedOf } from './notification-view.js';
import { printJson, printLine, printResult, screenOf } from './printer.js';
import { renderStatus } from './status-view.js';
import type { PendingRequest } from '../temporal/pending-requests.js';
import type { Terminal } from './terminal.js';

export function statusCommand(terminal: Terminal): Command {
  return withReference(new Command('status'))
    .description('show where one delivery stands, or what its outcome is, and why')
    .option('--json', 'print the status as JSON')
    .addHelpText(
      'after',
      `
All times are in UTC. The text says what happened in words; --json has the
codes, and the requests under way as pending.

The status of a running delivery comes from a worker; a settled one needs no
worker. If no worker answers, the command shows what Temporal's index holds
(with --json in the format of list --json) and exits with 4. If the delivery
failed or was terminated, it shows its last status and exits with 1.
Notifications (notify in the input) that nobody has accepted follow the
timeline.

Examples:
  rcs-delivery status acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery status acme:0b2f6d0e
  rcs-delivery status --json \\
    message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21`,
    )
    .action(async (first: string, messageId: string | undefined, { json }: { readonly json?: boolean }) => {
      const reference = referenceOf(first, messageId);
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, async (access) => {
        const id = await findDelivery(access, reference);
        const status = await access.deliveries
          .handle(id)
          .status()
          .catch(async (error: unknown) => {
            if (error instanceof DeliveryFailedError) await printFailed(access, { id, json, error });
            if (error instanceof NoWorkerError) await printIndexed(access, { id, json });
            throw error;
          });
        const pending = status.outcome === null ? await pendingOf(access, id) : undefined;
        const notifications = await unacceptedOf(access, id);
        printStatusAndNotifications(terminal, { status, pending, notifications }, json);
      });
    });
}

interface Asked {
  readonly id: DeliveryId;
  readonly json: boolean | undefined;
}

/** Prints the last status of a delivery that closed without an outcome: it failed, or somebody terminated it. */
async function printFailed(access: Access, asked: Asked & { readonly error: DeliveryFailedError }): Promise<void> {
  const { terminal } = access;
  const { id, json, error } = asked;
  const last = await lastStatus(access, id);
  const { executionStatus, failureType, message } = error;
  if (json === true) {
    const failure = { workflowId: workflowIdFor(id), ...id, status: executionStatus, failureType, message };
    printJson(terminal, { ...failure, ...(last && { last }) });
  } else if (last === undefined) {
    await printIndexed(access, { id, json });
  } else {
    printLine(terminal, renderStatus({ status: last, closedAs: executionStatus, ...screenOf(terminal.stdout) }));
  }
}

/** The requests under way. Undefined if Temporal does not answer any more: the status is worth printing all the same. */
async function pendingOf({ client, call }: Access, id: DeliveryId): Promise<PendingRequest[] | undefined> {
  const { pendingRequests } = await import('../temporal/pending-requests.js');
  const workflow = client.workflow.getHandle(workflowIdFor(id));
  const { loadedDataConverter } = client.options;
  return call(async () => pendingRequests((await workflow.describe()).raw, loadedDataConverter)).catch(() => undefined);
}

const QUERY_MS = 3_000;

/** Undefined when no worker answers within 3 s, or when the workflow refused its input and knows no query. */
async function lastStatus({ client }: Access, id: DeliveryId): Promise<DeliveryStatus | undefined> {
  const workflow = client.workflow.getHandle(workflowIdFor(id));
  return client.workflow.withDeadline(Date.now() + QUERY_MS, () => workflow.query(statusQuery)).catch(() => undefined);
}

/** Prints what Temporal's index holds of a delivery. Prints nothing when Temporal does not answer either. */
async function printIndexed({ terminal, client }: Access, { id, json }: Asked): Promise<void> {
  const { summaryOf } = await import('../client/list-deliveries.js');
  const handle = client.workflow.getHandle(workflowIdFor(id));
  const described = await handle.describe().catch(() => undefined);
  if (described === undefined) return;
  const summary = summaryOf(described);
  if (summary === undefined) return;
  const { pendingRequests } = await import('../temporal/pending-requests.js');
  const pending = await pendingRequests(described.raw, client.options.loadedDataConverter);
  const value = { ...summary, pending };
  printResult(terminal, { value, json, text: (screen) => renderIndexed({ summary, pending, ...screen }) });
}
