import { Command } from 'commander';
import { targetOf, type BulkFlags } from './bulk-options.js';
import { withReference } from './delivery-reference.js';

export type CancelOptions = Omit<BulkFlags, 'concurrency'>;

export function cancelCommand(): Command {
  return withReference(new Command('cancel'), { optional: true })
    .description('take a message back and end as CANCELLED, without an SMS: one, or all that a query finds')
    .option('--query <query>', "instead of one: every running delivery that Temporal's list filter finds")
    .option('--yes', '--query: do it; without, it is only said what would be done')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
With --query Temporal does it as a batch operation: it goes on without this command, 50 per second by default, one batch
at a time. It needs no worker now; a delivery takes its message back when a worker is there. \`revoke\` can send the SMS.

Examples:
  rcs-delivery cancel acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery cancel --query 'CampaignId="spring"'
  rcs-delivery cancel --query 'CampaignId="spring"' --yes`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, options: CancelOptions) => {
      const target = targetOf(first, messageId, options);
      const { withAccess } = await import('./with-delivery-client.js');
      await withAccess(async (access) => {
        if ('query' in target) {
          const { runBatchCancel } = await import('./run-batch-cancel.js');
          await runBatchCancel(access, { ...options, query: target.query });
          return;
        }
        const handle = access.deliveries.handle(target.id);
        await handle.cancel();
        const { workflowId } = handle;
        // Without a worker: whether it runs is all that matters, and how it ends comes later.
        const { status } = await access.client.workflow.getHandle(workflowId).describe();
        const asked = status.name === 'RUNNING' ? 'cancel' : null;
        const words = asked === null ? `nothing to cancel: ${workflowId} has ended` : `asked to cancel ${workflowId}`;
        process.stdout.write(`${options.json === true ? JSON.stringify({ workflowId, asked }) : words}\n`);
      });
    });
}
