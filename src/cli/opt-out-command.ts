import { Command } from 'commander';
import type { OptOutSummary } from '../opt-out/list-opt-outs.js';
import type { OptOutPerson } from '../contract/opt-out.js';
import { wholeNumber } from './arguments.js';
import { grouped, relativeTime, tableLines } from './format.js';
import { withHashKey } from './opt-out-access.js';
import { optOutImportCommand } from './opt-out-import-command.js';
import { painter, printJson, printNote, printResult, type Screen } from './printer.js';
import { oneLine } from './safe-text.js';
import type { Terminal } from './terminal.js';

interface PersonFlags {
  readonly agent: string;
  readonly recipient: string;
  readonly sms?: boolean;
  readonly source: string;
  readonly time?: string;
  readonly json?: boolean;
}

interface ListFlags {
  readonly agent?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function optOutCommand(terminal: Terminal): Command {
  const command = new Command('opt-out').description('record, look up and list who wants no promotions').addHelpText(
    'after',
    `
An opt-out stops the promotions of one agent, or of all agents of its brand.
--sms: an opt-out from SMS alone. Codes and service messages always pass. No
command prints a phone number.

Examples:
  rcs-delivery opt-out add --agent acme --recipient +15550100001
  rcs-delivery opt-out has --agent acme --recipient +15550100001
  rcs-delivery opt-out list --agent acme
  rcs-delivery opt-out import --agent acme --file opt-outs.csv

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE,
RECIPIENT_HASH_KEY (required, except for list), PAYLOAD_ENCRYPTION_KEYS.`,
  );
  for (const one of [add(terminal), remove(terminal), has(terminal), list(terminal), optOutImportCommand(terminal)]) {
    command.addCommand(one);
  }
  return command;
}

const about = (command: Command): Command =>
  command
    .requiredOption('--agent <id>', 'the RBM agent; its whole brand, if it has one')
    .requiredOption('--recipient <number>', 'the phone number, with + and country calling code')
    .option('--sms', 'from SMS alone')
    .option('--json', 'print the result as JSON');

const said = (command: Command): Command =>
  about(command)
    .option('--source <text>', 'where it came from, for the audit trail; no personal data', 'operator')
    .option('--time <time>', 'when the person said it, as an RFC 3339 time; default: now');

function add(terminal: Terminal): Command {
  return said(new Command('add').description('record an opt-out; promotions in flight are revoked')).action(
    async (flags: PersonFlags) => {
      await withHashKey(terminal, ({ deliveries }) => deliveries.optOuts.add(personOf(flags), saidOf(flags)));
      printResult(terminal, { value: { optedOut: true }, json: flags.json, text: () => 'opted out' });
    },
  );
}

function remove(terminal: Terminal): Command {
  const command = new Command('remove').description('record that the person opted in again, which ends the opt-out');
  return said(command).action(async (flags: PersonFlags) => {
    await withHashKey(terminal, ({ deliveries }) => deliveries.optOuts.remove(personOf(flags), saidOf(flags)));
    const text = () => 'opted in; the opt-out ends as soon as a worker runs, unless a later one is known';
    printResult(terminal, { value: { requested: 'optIn' }, json: flags.json, text });
  });
}

function has(terminal: Terminal): Command {
  const command = new Command('has').description('say whether the person is opted out; with --sms, whether from SMS');
  return about(command).action(async (flags: PersonFlags) => {
    const optedOut = await withHashKey(terminal, ({ deliveries }) => deliveries.optOuts.has(personOf(flags)));
    printResult(terminal, {
      value: { optedOut },
      json: flags.json,
      text: () => (optedOut ? 'opted out' : 'not opted out'),
    });
  });
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list the opt-outs that last, by the hash of the number')
    .option('--agent <id>', 'those that stop this agent')
    .option('--limit <number>', 'at most this many', wholeNumber(1, 1_000_000), 50)
    .option('--json', 'print one JSON object per line')
    .action(async ({ agent, limit, json }: ListFlags) => {
      const { withAccess } = await import('./client-access.js');
      await withAccess(terminal, async ({ deliveries, search }) => {
        const found = await search(async () => {
          const all: OptOutSummary[] = [];
          // One more shows whether there are more.
          for await (const one of deliveries.optOuts.list({ agentId: agent, limit: limit + 1 })) all.push(one);
          return all;
        });
        const shown = found.slice(0, limit);
        if (json === true) for (const one of shown) printJson(terminal, one);
        else if (shown.length === 0) printNote(terminal, 'nobody is opted out');
        else printResult(terminal, { value: shown, json, text: (screen) => table(shown, screen) });
        if (found.length > limit) printNote(terminal, `the first ${grouped(limit)}: --limit shows more`);
      });
    });
}

function table(optOuts: readonly OptOutSummary[], { now, colour }: Screen): string {
  const paint = painter(colour);
  const rows = optOuts.map(({ scope, recipientHash, since, source = 'unknown' }) => {
    return [oneLine(scope), recipientHash, relativeTime(Date.parse(since) - now), oneLine(source)];
  });
  const [head = '', ...lines] = tableLines([['SCOPE', 'RECIPIENT HASH', 'SINCE', 'SOURCE'], ...rows]);
  return [paint('dim', head), ...lines].join('\n');
}

const personOf = ({ agent, recipient, sms }: PersonFlags): OptOutPerson => ({
  agentId: agent,
  recipient,
  ...(sms === true && { channel: 'sms' }),
});

const saidOf = ({ source, time }: PersonFlags) => ({ source, sendTime: time });
