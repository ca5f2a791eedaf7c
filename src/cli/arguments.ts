import { InvalidArgumentError, type Command, type Option } from 'commander';
import { bareAgentId, type DeliveryId } from '../contract/ids.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import { UsageError } from './errors.js';

/** Adds the two arguments that name one delivery. */
export function withReference(command: Command, { optional = false } = {}): Command {
  const first = 'delivery-or-agent-id';
  return command
    .argument(
      optional ? `[${first}]` : `<${first}>`,
      'message-delivery:{agentId}:{messageId}, a unique beginning of it, or the agent',
    )
    .argument('[message-id]', 'the message, when the first argument is the agent');
}

/** One delivery as a person names it: by its ids, or by its agent and the beginning of its messageId. */
export type Reference = DeliveryId | Beginning;
interface Beginning {
  readonly agentId: string;
  readonly beginning: string;
}

/** Reads those arguments. Lists print the forms `acme:0b2f6d0e-…` and `acme:0b2f6d0e` on a narrow terminal. */
export function referenceOf(first: string, messageId: string | undefined): Reference {
  if (messageId !== undefined) return reference(first, messageId, 'the message-id');
  const parts = first.trim().replace(PREFIX, '').split(':');
  const [agentId = '', id] = parts;
  if (id === undefined && UUID_PATTERN.test(agentId)) throw new UsageError(withoutAgent(agentId));
  if (id === undefined || parts.length > 2)
    throw new UsageError(`the id must be message-delivery:{agentId}:{messageId}`);
  return reference(agentId, id, 'the messageId in the id');
}

const PREFIX = /^message-delivery:/;
/** The first characters of a UUID, but not all. */
const BEGINNING = /^[0-9a-f]{8}(?:$|-)[0-9a-f-]{0,26}$/;

function reference(agent: string, id: string, name: string): Reference {
  const [agentId, messageId] = [bareAgentId(agent), id.toLowerCase()];
  if (!AGENT_ID_PATTERN.test(agent)) throw new UsageError(`the agent in front of the messageId must be an agent's id`);
  if (UUID_PATTERN.test(messageId)) return { agentId, messageId };
  if (BEGINNING.test(messageId)) return { agentId, beginning: messageId };
  throw new UsageError(
    `${name} must be a UUID such as 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21, or its first 8 characters`,
  );
}

const withoutAgent = (messageId: string): string =>
  `the agent is missing: give it in front, as in acme:${messageId.toLowerCase()}\n` +
  `Find it with\n  rcs-delivery list --json --limit 100000 | grep ${messageId.toLowerCase().slice(0, 8)}`;

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
