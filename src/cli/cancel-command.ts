import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliveryId } from '../contract/ids.js';
import { withReference } from './arguments.js';
import { BULK_HELP, confirmed, NOTHING_TO_DO, queryOptions, targetOf, type QueryFlags } from './bulk.js';
import type { Access } from './client-access.js';
import { CommandFailedError } from './errors.js';
import { checkHashKey } from './filter-options.js';
import { findDelivery } from './find-delivery.js';
import { deliveryCount } from './format.js';
import { printNote, printResult } from './printer.js';
import type { Terminal } from './terminal.js';

export function cancelCommand(terminal: Terminal): Command {
  const command = withReference(new Command('cancel'), { optional: true }).description(
    'revoke a message and settle as CANCELLED, without an SMS: one, or all that match',
  );
  return queryOptions(command)
    .addHelpText(
      'after',
      `${BULK_HELP}
Temporal cancels many in a batch job: 50 deliveries per second by default, one
batch job at a time. The command prints the job's id and returns. A delivery
revokes its message as soon as a worker runs. To send the SMS instead, use
revoke.

Examples:
  rcs-delivery cancel acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery cancel --campaign spring
  rcs-delivery cancel --campaign spring --agent acme --yes`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, flags: QueryFlags) => {
      const target = targetOf(first, messageId, flags);
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, async (access) => {
        checkHashKey(flags, access.config);
        if ('filter' in target) await cancelAll(access, target.filter, flags);
        else await cancelOne(access, await findDelivery(access, target.one), flags);
      });
    });
}

async function cancelOne(access: Access, id: DeliveryId, { json }: QueryFlags): Promise<void> {
  const { terminal, deliveries, client } = access;
  const handle = deliveries.handle(id);
  await handle.cancel();
  const { workflowId } = handle;
  // Temporal's server knows whether the workflow still runs, so no worker has to answer.
  const { status } = await client.workflow.getHandle(workflowId).describe();
  const asked = status.name === 'RUNNING' ? 'cancel' : null;
  printResult(terminal, {
    value: { workflowId, asked },
    json,
    text: () => (asked === null ? `nothing to cancel: ${workflowId} is closed` : `cancel requested: ${workflowId}`),
  });
}

/** Starts a batch job of Temporal and prints its id. The job goes on without this command. */
async function cancelAll(access: Access, filter: DeliveryFilter, flags: QueryFlags): Promise<void> {
  // Counting first also refuses a query that Temporal does not understand: a batch job would hang on it, and block
  // others.
  const plan = { would: (deliveries: string) => `cancel ${deliveries}`, noSms: NO_SMS };
  const matched = await confirmed(access, { filter, flags, plan });
  if (matched === undefined) return;
  const jobId = matched === 0 ? null : randomUUID();
  if (jobId !== null) {
    // Printed before the start, because the answer to the start may be lost.
    printNote(access.terminal, `starting batch job ${jobId}`);
    await startBatchJob(access, jobId, access.deliveries.query(filter));
  }
  printResult(access.terminal, {
    value: { dryRun: false, matched, jobId },
    json: flags.json,
    text: () => (jobId === null ? NOTHING_TO_DO : startedText(access, jobId, matched)),
  });
}

const NO_SMS = 'Nobody gets an SMS by it: whose message is not delivered by now, gets nothing.';

async function startBatchJob({ client, config, call }: Access, jobId: string, visibilityQuery: string): Promise<void> {
  const { workflowService, options } = client.workflow;
  const request = {
    namespace: config.temporal.namespace,
    jobId,
    visibilityQuery,
    reason: 'rcs-delivery cancel',
    cancellationOperation: { identity: options.identity },
  };
  await call(
    () => workflowService.startBatchOperation(request),
    ({ status }) =>
      status === 'RESOURCE_EXHAUSTED'
        ? new CommandFailedError(
            'this namespace has as many running batch jobs as Temporal allows. ' +
              'Wait for them (temporal batch list), or use revoke',
          )
        : undefined,
  );
}

function startedText({ config }: Access, jobId: string, matched: number): string {
  const { namespace } = config.temporal;
  const batch = (command: string) => `temporal batch ${command} --namespace ${namespace} --job-id ${jobId}`;
  return [
    `Temporal is cancelling ${deliveryCount(matched, 'running')}.`,
    "See its progress in Temporal's Web UI under Batch Operations, or with",
    `  ${batch('describe')}`,
    'Stop it with',
    `  ${batch('terminate')} --reason '…'`,
  ].join('\n');
}
