#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { InvalidInputError } from '../client/client-errors.js';
import { redactText } from '../observability/redact.js';
import { cancelCommand } from './cancel-command.js';
import { codecServerCommand } from './codec-server-command.js';
import { EXIT, EXIT_CODES_HELP, exitCodeFor } from './exit-code.js';
import { expiryCommand } from './expiry-command.js';
import { listCommand } from './list-command.js';
import { revokeCommand } from './revoke-command.js';
import { sendCommand } from './send-command.js';
import { setupCommand } from './setup-command.js';
import { UsageError } from './usage-error.js';
import { statusCommand } from './status-command.js';
import { webhookCommand } from './webhook-command.js';
import { workerCommand } from './worker-command.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

function program(): Command {
  const root = new Command('rcs-delivery')
    .description(
      'Durable delivery of RCS messages on Temporal: send, wait for proof, revoke at expiry, fall back to SMS.',
    )
    .version(version)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('afterAll', EXIT_CODES_HELP)
    .addHelpText(
      'after',
      `
Examples:
  rcs-delivery setup
  rcs-delivery send --agent acme --to +15550100001 --text 'Your code is 482913' --ttl 600s
  rcs-delivery status acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery list --stuck
  rcs-delivery revoke --query 'CampaignId="spring"'

rcs-delivery <command> --help tells more, with examples.`,
    );
  root.commandsGroup('Look at deliveries and act on them:');
  for (const command of [
    sendCommand(),
    statusCommand(),
    listCommand(),
    revokeCommand(),
    expiryCommand(),
    cancelCommand(),
  ])
    root.addCommand(command);
  root.commandsGroup('Run:');
  for (const command of [workerCommand(), webhookCommand(), codecServerCommand()]) root.addCommand(command);
  root.commandsGroup('Set up:');
  root.addCommand(setupCommand());
  root.helpCommand('help [command]', 'tell more about a command');
  // Commander would end the process by itself, with 1 for wrong usage.
  for (const command of [root, ...root.commands]) {
    command.exitOverride().showHelpAfterError('(--help shows how)').configureOutput({ outputError });
  }
  return root;
}

/** Commander quotes what it was given, which may be a number or a message: only a lone word or an option's name is repeated. */
function outputError(text: string, write: (text: string) => void): void {
  const shown = text
    .replace(/^error: /, 'rcs-delivery: ')
    .replace(/unknown option '(-{1,2}[a-z][a-z-]*)?.*'/s, (_, name = '…') => `unknown option '${String(name)}'`)
    .replace(/unknown command '(?![a-z-]{1,20}').*'/s, "unknown command '…'")
    .replace(/ (argument|value) '.*' is invalid/s, ' $1 is invalid');
  write(redactText(shown));
}

async function main(): Promise<number> {
  try {
    await program().parseAsync();
    return EXIT.ok;
  } catch (error) {
    // Commander has printed what is wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const told = isEncrypted(error) ? new UsageError(ENCRYPTED) : error;
    process.stderr.write(`rcs-delivery: ${redactText(wordsFor(told))}\n`);
    return exitCodeFor(told);
  }
}

const ENCRYPTED = 'this is encrypted, and PAYLOAD_ENCRYPTION_KEYS is not set here';

/** What Temporal's converter says of a payload that no codec has decrypted. */
const isEncrypted = (error: unknown): boolean =>
  error instanceof Error && (/binary\/encrypted/.test(error.message) || isEncrypted(error.cause));

function wordsFor(error: unknown): string {
  if (error instanceof InvalidInputError) {
    return ['wrong input:', ...error.problems.map(({ field, problem }) => `  ${field} ${problem}`)].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

// Connections may still be open, and stdout is written: on Linux and macOS, that is synchronous.
process.exit(await main());
