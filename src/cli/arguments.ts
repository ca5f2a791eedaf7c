import { InvalidArgumentError, type Command, type Option } from 'commander';
import { bareAgentId, parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { UsageError } from './errors.js';

/** Adds the two arguments that name one delivery. */
export function withReference(command: Command, { optional = false } = {}): Command {
  const first = 'workflow-id-or-agent-id';
  return command
    .argument(optional ? `[${first}]` : `<${first}>`, 'message-delivery:{agentId}:{messageId}, or the agent')
    .argument('[message-id]', 'the message, when the first argument is the agent');
}

/** Reads those arguments. The form `acme:0b2f6d0e-…` is what `list` prints on a narrow terminal. */
export function deliveryIdOf(first: string, messageId: string | undefined): DeliveryId {
  if (messageId === undefined) {
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

/** Makes a parser for an option that counts something. Its error repeats nothing of the value. */
export function wholeNumber(least: number, most: number) {
  return (given: string): number => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
  };
}

/** Lets an option take one of these values, in upper or lower case. Its error repeats nothing of the value. */
export function oneOf(option: Option, values: readonly string[]): Option {
  return option.choices(values).argParser((given: string) => {
    const value = values.find((one) => one.toLowerCase() === given.trim().toLowerCase());
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Allowed choices are ${values.join(', ')}.`);
  });
}
