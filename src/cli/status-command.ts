import { Command } from 'commander';
import { bareAgentId, parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { renderStatus } from './render-status.js';
import { UsageError } from './usage-error.js';

export function statusCommand(): Command {
  return new Command('status')
    .description('show where one delivery stands, or how it ended, and why')
    .argument('<workflow-id-or-agent-id>', 'message-delivery:{agentId}:{messageId}, or the agent')
    .argument('[message-id]', 'the message, when the first argument is the agent')
    .option('--json', 'print the status as JSON')
    .addHelpText(
      'after',
      `
A running delivery is asked through a worker; one that has ended is not, so it needs none.

Examples:
  rcs-delivery status message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery status acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21 --json`,
    )
    .action(async (first: string, messageId: string | undefined, { json }: { readonly json?: boolean }) => {
      const id = deliveryIdOf(first, messageId);
      const { withDeliveryClient } = await import('./with-delivery-client.js');
      const status = await withDeliveryClient((client) => client.handle(id).status());
      const colour = process.stdout.isTTY && process.stdout.hasColors();
      const shown = json === true ? JSON.stringify(status, null, 2) : renderStatus({ status, now: Date.now(), colour });
      process.stdout.write(`${shown}\n`);
    });
}

function deliveryIdOf(first: string, messageId: string | undefined): DeliveryId {
  if (messageId === undefined) {
    const id = parseWorkflowId(first);
    if (id === undefined) throw new UsageError('the id must be message-delivery:{agentId}:{messageId}');
    return id;
  }
  if (!AGENT_ID_PATTERN.test(first)) throw new UsageError("the first of two arguments must be an agent's id");
  if (!UUID_PATTERN.test(messageId)) throw new UsageError('the message-id must be a UUID');
  return { agentId: bareAgentId(first), messageId: messageId.toLowerCase() };
}
