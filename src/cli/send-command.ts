import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer as readAll } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { isObject } from '../contract/check.js';
import { agentIn } from '../contract/agents.js';
import { MESSAGE_TRAFFIC_TYPES } from '../contract/rbm.js';
import { InvalidInputError } from '../client/client-errors.js';
import type { StartInput } from '../client/delivery-client.js';
import { oneOf } from './arguments.js';
import { BYTE_ORDER_MARK, textOf } from './byte-order-mark.js';
import type { Access } from './client-access.js';
import { UsageError } from './errors.js';
import { named, placeOfJsonError, unreadable } from './file-errors.js';
import { printNote, printResult } from './printer.js';
import type { Terminal } from './terminal.js';
import { ttlProblem } from './times.js';

interface SendOptions {
  readonly file?: string;
  readonly input?: string;
  readonly agent?: string;
  readonly messageId?: string;
  readonly to?: string;
  readonly text?: string;
  readonly trafficType?: string;
  readonly ttl?: string;
  readonly expireTime?: string;
  readonly smsText?: string;
  readonly smsSender?: string;
  readonly whenUncertain?: string;
  readonly campaign?: string;
  readonly json?: boolean;
}

export function sendCommand(terminal: Terminal): Command {
  return new Command('send')
    .description('start one delivery and print its workflow id')
    .option('-f, --file <path>', 'the input as a JSON file; - reads stdin')
    .option('-i, --input <json>', 'or the input as JSON text')
    .option('--agent <id>', 'or the input as options: the RBM agent')
    .option('--message-id <uuid>', 'default: a new UUID')
    .option('--to <number>', "the recipient's phone number, with + and country calling code")
    .option('--text <text>', 'the text of the message')
    .addOption(oneOf(new Option('--traffic-type <type>', "RBM's messageTrafficType"), MESSAGE_TRAFFIC_TYPES))
    .option('--ttl <duration>', 'the expiry, counted from the start, such as 60s')
    .option('--expire-time <time>', 'or the expiry as an RFC 3339 time')
    .option('--sms-text <text>', 'fall back to an SMS with this text')
    .option('--sms-sender <sender>', 'the sender of the SMS')
    .addOption(
      oneOf(
        new Option('--when-uncertain <what>', 'send the SMS, or hold it, while it is unknown whether RCS arrived'),
        ['send', 'hold'],
      ),
    )
    .option('--campaign <id>', 'groups deliveries')
    .option('--json', 'print the ids, and whether it is new, as JSON')
    .addHelpText(
      'after',
      `
Sending a message again, with the same agent and --message-id, starts nothing:
a note says so. With another input it exits with 2. If its delivery was
terminated, or failed, it exits with 1. All of that holds as long as the
namespace keeps closed workflows (its retention).

Examples:
  rcs-delivery send --agent acme --to +15550100001 --ttl 60s \\
    --text 'Your code is 482913' --sms-text 'Your code is 482913'
  rcs-delivery send --file message.json
  generate-message | rcs-delivery send --file -

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE, RBM_AGENTS,
PAYLOAD_ENCRYPTION_KEYS, RECIPIENT_HASH_KEY (required if NODE_ENV=production).`,
    )
    .action(async ({ json, ...given }: SendOptions) => {
      const input = await inputOf(given, terminal);
      const { withAccess } = await import('./client-access.js');
      const start = async ({ deliveries, config }: Access) => {
        const delivery = await deliveries.start(input);
        const type = input.messageTrafficType ?? agentIn(config.agents, delivery.agentId)?.messageTrafficType;
        if (type === undefined) printNote(terminal, withoutType(delivery.agentId));
        return delivery;
      };
      const started = withAccess(terminal, start, { starts: true });
      const { workflowId, agentId, messageId, isNew } = await started.catch((error: unknown) => {
        throw withSource(error, given);
      });
      if (!isNew) printNote(terminal, 'note: this message was started before, so nothing new was started');
      printResult(terminal, { value: { workflowId, agentId, messageId, isNew }, json, text: () => workflowId });
    });
}

const withoutType = (agentId: string) =>
  `rcs-delivery: the message has no messageTrafficType, which RBM is going to require. Give it (--traffic-type), or a type for ${agentId} in RBM_AGENTS`;

/** Reads the input from the one place where it was given. */
async function inputOf({ file, input, ...flags }: Omit<SendOptions, 'json'>, { stdin }: Terminal): Promise<StartInput> {
  const ways = [file, input, Object.keys(flags).length > 0 ? flags : undefined].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new UsageError('give the input once: with --file, with --input or as options');
  if (file !== undefined) return parsed(await read(file, stdin), named(file));
  return input === undefined ? fromFlags(flags) : parsed(input.replace(BYTE_ORDER_MARK, ''), '--input');
}

async function read(file: string, stdin: Terminal['stdin']): Promise<string> {
  if (file === '-') return textOf(await readAll(stdin), 'stdin');
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return textOf(bytes, named(file));
}

/**
 * Only checks that it is a JSON object, and that it is one in every language: ttlSeconds is the client's. The client
 * checks the rest, and names every bad field.
 */
function parsed(json: string, source: string): StartInput {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new UsageError(`${source} is not JSON: see ${placeOfJsonError(json)}`);
  }
  if (!isObject(value)) throw new UsageError(`${source} must hold one JSON object`);
  if ((value['ttlSeconds'] ?? null) !== null)
    throw new UsageError(`${source} must hold a ttl, such as "600s", instead of ttlSeconds`);
  return value as unknown as StartInput;
}

/** Names the file with a wrong input, or the options that the person typed in place of the input's fields. */
function withSource(error: unknown, given: SendOptions): unknown {
  const { file, input } = given;
  if (!(error instanceof InvalidInputError) || input !== undefined) return error;
  if (file === undefined) return withOptionNames(error, given);
  const problems = error.problems.map(({ field, problem }) => `  ${field} ${problem}`);
  return new UsageError([`wrong input in ${named(file)}:`, ...problems].join('\n'));
}

function withOptionNames(error: InvalidInputError, { ttl = '' }: SendOptions): InvalidInputError {
  return new InvalidInputError(
    error.problems.map(({ field, problem }) => ({
      field: OPTIONS[field] ?? field,
      problem: field === 'ttl' ? (ttlProblem(ttl) ?? problem) : problem,
    })),
  );
}
const OPTIONS: Readonly<Record<string, string>> = {
  agentId: '--agent',
  messageId: '--message-id',
  recipient: '--to',
  contentMessage: '--text',
  'contentMessage.text': '--text',
  ttl: '--ttl',
  expireTime: '--expire-time',
  campaignId: '--campaign',
  'fallback.sms.text': '--sms-text',
  'fallback.sms.sender': '--sms-sender',
};

/** Leaves out what was not given, so that the client can report it as missing. */
function fromFlags(flags: Omit<SendOptions, 'file' | 'input' | 'json'>): StartInput {
  const { agent, messageId = randomUUID(), to, text, trafficType, ttl, expireTime, campaign } = flags;
  const { smsText, smsSender, whenUncertain } = flags;
  if (smsText === undefined && (smsSender ?? whenUncertain) !== undefined) {
    throw new UsageError('--sms-sender and --when-uncertain need --sms-text');
  }
  const input = {
    agentId: agent,
    messageId,
    recipient: to,
    contentMessage: text === undefined ? undefined : { text },
    messageTrafficType: trafficType,
    ttl,
    expireTime,
    campaignId: campaign,
    fallback: smsText === undefined ? undefined : { sms: { text: smsText, sender: smsSender }, whenUncertain },
  };
  // JSON drops undefined fields at every depth.
  return JSON.parse(JSON.stringify(input)) as StartInput;
}
