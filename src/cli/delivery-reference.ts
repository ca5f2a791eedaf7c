import type { Command } from 'commander';
import { bareAgentId, parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { UsageError } from './usage-error.js';

/** The two arguments that name one delivery. */
export function withReference(command: Command, { optional = false } = {}): Command {
  const [open, close] = optional ? '[]' : '<>';
  return command
    .argument(
      `${String(open)}workflow-id-or-agent-id${String(close)}`,
      'message-delivery:{agentId}:{messageId}, or the agent',
    )
    .argument('[message-id]', 'the message, when the first argument is the agent');
}

export function deliveryIdOf(first: string, messageId: string | undefined): DeliveryId {
  if (messageId === undefined) {
    // As `list` shows it on a narrow terminal.
    const [agentId = '', short, ...more] = first.split(':');
    if (short !== undefined && more.length === 0) return deliveryIdOf(agentId, short);
    const id = parseWorkflowId(first);
    if (id === undefined) throw new UsageError('the id must be message-delivery:{agentId}:{messageId}');
    return id;
  }
  if (!AGENT_ID_PATTERN.test(first)) throw new UsageError("the first of two arguments must be an agent's id");
  if (!UUID_PATTERN.test(messageId)) throw new UsageError('the message-id must be a UUID');
  return { agentId: bareAgentId(first), messageId: messageId.toLowerCase() };
}
