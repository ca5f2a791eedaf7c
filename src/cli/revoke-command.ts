import { createHash } from 'node:crypto';
import { Command, Option } from 'commander';
import type { DeliveryClient } from '../client/delivery-client.js';
import type { RevokeNowInput } from '../contract/messages.js';
import { redactText } from '../observability/redact.js';
import type { Done } from './act-on-each.js';
import { bulkOptions, targetOf, type BulkFlags } from './bulk-options.js';
import { withReference } from './delivery-reference.js';
import { printStatus } from './print-status.js';
import { tooLateIsSkipped } from './too-late.js';
import { unlessEnded } from './unless-ended.js';
import { UsageError } from './usage-error.js';

interface RevokeOptions extends BulkFlags {
  readonly reason: string;
  readonly fallback: 'sms' | 'none';
}

export function revokeCommand(): Command {
  const command = withReference(new Command('revoke'), { optional: true })
    .description('take a message back before its expiry: of one delivery, or of all that a query finds')
    .option('--reason <text>', 'why, for its timeline; no personal data', 'taken back by an operator')
    .addOption(
      new Option('--fallback <what>', 'whether the person gets the SMS then').choices(['sms', 'none']).default('none'),
    );
  return bulkOptions(command)
    .addHelpText(
      'after',
      `
The outcome is told by \`status\`: a message that was delivered in the meantime stays so.
With --query only running deliveries are meant. Again is harmless: what was taken back before, or has ended, is skipped.

Examples:
  rcs-delivery revoke acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21 --reason 'wrong price' --fallback sms
  rcs-delivery revoke --query 'CampaignId="spring"'
  rcs-delivery revoke --query 'CampaignId="spring"' --reason 'wrong price' --yes`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, options: RevokeOptions) => {
      const input = inputOf(options);
      const target = targetOf(first, messageId, options);
      const { withAccess } = await import('./with-delivery-client.js');
      await withAccess(async (access) => {
        if ('id' in target) {
          const handle = access.deliveries.handle(target.id);
          printStatus(await unlessEnded(handle, (one) => one.revokeNow(input)), options.json);
          return;
        }
        const { runBulk } = await import('./run-bulk.js');
        const act = (deliveries: DeliveryClient, workflowId: string) => revoke(deliveries, workflowId, input);
        const would = (deliveries: string) => `take back ${deliveries}`;
        await runBulk(access, { ...options, query: target.query, would, act });
      });
    });
}

function inputOf({ reason, fallback }: RevokeOptions): RevokeNowInput {
  if (reason.length === 0 || reason.length > 200) throw new UsageError('--reason must have 1 to 200 characters');
  if (redactText(reason) !== reason) throw new UsageError('--reason must hold no phone number and no secret');
  return { reason, fallback };
}

/** The same command has the same update id: Temporal takes it once per delivery, however often it is tried. */
async function revoke(deliveries: DeliveryClient, workflowId: string, input: RevokeNowInput): Promise<Done> {
  const handle = deliveries.handle(workflowId);
  const { outcome, timeline } = await handle.status();
  if (outcome !== null) return { skipped: 'ended' };
  if (timeline.some(({ event }) => event === 'revokeRequested')) return { skipped: 'taken back before' };
  const digest = createHash('sha256').update(`${input.fallback} ${input.reason}`).digest('hex').slice(0, 16);
  return tooLateIsSkipped(() => handle.revokeNow(input, { updateId: `revokeNow-${digest}` }));
}
