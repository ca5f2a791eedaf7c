import { Command, CommanderError } from 'commander';
import { redactText } from '../observability/redact.js';
import { VERSION } from '../observability/version.js';
import { cancelCommand } from './cancel-command.js';
import { checkGatewayCommand } from './check-gateway-command.js';
import { codecServerCommand } from './codec-server-command.js';
import { EXIT, EXIT_CODES_HELP, exitCodeFor, messageOf } from './errors.js';
import { expiryCommand } from './expiry-command.js';
import { listCommand } from './list-command.js';
import { optOutCommand } from './opt-out-command.js';
import { notifyAgainCommand } from './notify-again-command.js';
import { folded, printNote } from './printer.js';
import { replayCommand } from './replay-command.js';
import { revokeCommand } from './revoke-command.js';
import { safeText } from './safe-text.js';
import { sendCommand } from './send-command.js';
import { setupCommand } from './setup-command.js';
import { statusCommand } from './status-command.js';
import type { Output, Terminal } from './terminal.js';
import { webhookCommand } from './webhook-command.js';
import { workerCommand } from './worker-command.js';

/** Runs one command with its arguments, such as `['status', 'acme', '0b2f6d0e-…']`. Returns the exit code. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has printed the error, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    printNote(terminal, `rcs-delivery: ${redactText(messageOf(error))}`);
    return exitCodeFor(error);
  }
}

function program(terminal: Terminal): Command {
  const root = new Command('rcs-delivery')
    .description(
      'Durable delivery of RCS messages on Temporal: send, wait for proof of delivery, revoke at expiry, fall back to SMS.',
    )
    .version(VERSION)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText(
      'after',
      `
Examples:
  rcs-delivery setup
  rcs-delivery send --agent acme --to +15550100001 --ttl 600s --text 'Hello'
  rcs-delivery status acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery list --stuck
  rcs-delivery revoke --query 'CampaignId="spring"'

rcs-delivery <command> --help describes a command, with examples.
${EXIT_CODES_HELP}`,
    );
  root.commandsGroup('Deliveries:');
  for (const command of [
    sendCommand(terminal),
    statusCommand(terminal),
    listCommand(terminal),
    revokeCommand(terminal),
    expiryCommand(terminal),
    cancelCommand(terminal),
    notifyAgainCommand(terminal),
  ])
    root.addCommand(command);
  root.commandsGroup('People:');
  root.addCommand(optOutCommand(terminal));
  root.commandsGroup('Roles:');
  for (const command of [workerCommand(terminal), webhookCommand(terminal), codecServerCommand(terminal)])
    root.addCommand(command);
  root.commandsGroup('Preparation:');
  for (const command of [setupCommand(terminal), replayCommand(terminal), checkGatewayCommand(terminal)])
    root.addCommand(command);
  root.helpCommand('help [command]', 'describe a command');
  const { stdout, stderr } = terminal;
  const output = {
    outputError: (text: string) => stderr.write(folded(safeText(redactText(shownError(text))), stderr)),
    getOutHelpWidth: () => helpWidth(stdout),
    getErrHelpWidth: () => helpWidth(stderr),
    writeOut: (text: string) => stdout.write(text),
    writeErr: (text: string) => stderr.write(text),
  };
  // Without exitOverride, Commander exits by itself, and with 1 for wrong usage.
  for (const command of [root, ...root.commands, ...root.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().showHelpAfterError('(--help shows the usage)').configureOutput(output);
  }
  return root;
}

/** Help is no wider than its examples, which are written for 80 columns. */
const helpWidth = ({ columns }: Output): number => Math.min(80, columns || 80);

/**
 * One of Commander's errors without what it quotes from the command line, which may be a phone number or a text.
 * Only the name of a command or an option stays. Commander has no fields for these, so this function edits its text.
 */
function shownError(text: string): string {
  return text
    .replace(/^error: /, 'rcs-delivery: ')
    .replace(/unknown option '(-{1,2}[a-z][a-z-]*)?.*'/s, (_, name = '…') => `unknown option '${String(name)}'`)
    .replace(/unknown command '(?![a-z-]{1,20}').*'/s, "unknown command '…'")
    .replace(/ (argument|value) '.*' is invalid/s, ' $1 is invalid');
}
