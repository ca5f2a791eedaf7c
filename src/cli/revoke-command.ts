import { createHash } from 'node:crypto';
import { Command, Option } from 'commander';
import type { DeliveryHandle } from '../client/delivery-handle.js';
import type { RevokeNowInput } from '../contract/messages.js';
import { CLOSED, type Done } from './act-on-each.js';
import { oneOf, withReference } from './arguments.js';
import { BULK_HELP, bulkOptions, changeDeliveries, targetOf, type BulkFlags, type Plan } from './bulk.js';
import { checkedReason } from './reason.js';
import type { Terminal } from './terminal.js';

interface RevokeOptions extends BulkFlags {
  readonly reason: string;
  readonly fallback: 'sms' | 'none';
}

export function revokeCommand(terminal: Terminal): Command {
  const command = withReference(new Command('revoke'), { optional: true })
    .description('revoke a message before its expiry: one, or all that match')
    .option('--reason <text>', 'why, for the timeline; no personal data', 'revoked by an operator')
    .addOption(
      oneOf(new Option('--fallback <what>', 'whether to send the SMS instead'), ['sms', 'none']).default('none'),
    );
  return bulkOptions(command)
    .addHelpText(
      'after',
      `${BULK_HELP}
Without --yes the command says how many people would get an SMS.

The command does not wait for the outcome, which status shows. A message that
is delivered in the meantime stays delivered. Repeating the command is
harmless: it skips deliveries that are closed or being revoked.

Examples:
  rcs-delivery revoke acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21 \\
    --reason 'wrong price' --fallback sms
  rcs-delivery revoke --campaign spring
  rcs-delivery revoke --campaign spring --reason 'wrong price' --yes
  rcs-delivery revoke --query 'MessageTrafficType="AUTHENTICATION"' \\
    --agent acme --fallback sms`,
    )
    .action(async (first: string | undefined, messageId: string | undefined, options: RevokeOptions) => {
      const input: RevokeNowInput = { reason: checkedReason(options.reason), fallback: options.fallback };
      await changeDeliveries(terminal, targetOf(first, messageId, options), options, {
        one: (handle) => handle.revokeNow(input),
        each: (handle) => revokeOnce(handle, input),
        plan: planOf(input),
      });
    });
}

const planOf = ({ fallback }: RevokeNowInput): Plan => ({
  would: (deliveries) => `revoke ${deliveries}`,
  ...(fallback === 'none'
    ? { noSms: 'Nobody gets an SMS by it (--fallback none): whose message is not delivered by now, gets nothing.' }
    : { note: ONLY_CONFIRMED }),
});

const ONLY_CONFIRMED =
  'With whenUncertain: hold (the default of PROMOTION) the SMS waits for a confirmed revocation. A delivery without an SMS is not revoked.';

/** The update id depends on the input alone, so Temporal accepts a repeated command once per delivery. */
async function revokeOnce(handle: DeliveryHandle, input: RevokeNowInput): Promise<Done> {
  const { outcome, timeline } = await handle.status();
  if (outcome !== null) return { skipped: CLOSED };
  if (timeline.some(({ event }) => event === 'revokeRequested')) return { skipped: 'revocation requested before' };
  const digest = createHash('sha256').update(`${input.fallback} ${input.reason}`).digest('hex').slice(0, 16);
  await handle.revokeNow(input, { updateId: `revokeNow-${digest}` });
  return { done: true };
}
