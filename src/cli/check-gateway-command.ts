import { Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from './arguments.js';
import type { CheckGatewayFlags } from './check-gateway.js';
import type { Terminal } from './terminal.js';

const RECEIPTS_WAIT_S = 120;

export function checkGatewayCommand(terminal: Terminal): Command {
  return new Command('check-gateway')
    .description('check that your own SMS gateway keeps to the protocol: it sends SMS')
    .argument('[url]', "the gateway's URL; default: SMS_HTTP_URL")
    .requiredOption('--to <number>', 'a number that you own, with + and country code')
    .option('--from <sender>', 'the sender of the SMS')
    .option('--yes', 'send the SMS; without it, only show what would be sent')
    .option('--receipts-port <port>', 'listen there for receipts, and check them', portNumber)
    .option('--receipts-wait <seconds>', 'how long receipts may take', wholeNumber(1, 3_600), RECEIPTS_WAIT_S)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Sends the requests that a worker would send, in bad circumstances too: a repeat,
two at the same time, a connection that is cut. A gateway that conforms sends
4 SMS, numbered 1 to 4. One that does not may send more, 7 as a rule.
It needs no Temporal. docs/sms-gateway.md explains the protocol.

Without --yes it sends nothing, and prints the requests.

With --receipts-port it also waits for receipts. First let your gateway post
them to /webhooks/sms/http at this port, signed with SMS_WEBHOOK_SECRET. The
first receipt is answered 503, so the gateway has to repeat it.

It exits with 1 if a check fails, and says what that means for "at most one
SMS" and what to change.

Examples:
  rcs-delivery check-gateway https://sms.example.com/send --to +15550100001
  rcs-delivery check-gateway --to +15550100001 --yes
  rcs-delivery check-gateway --to +15550100001 --yes --receipts-port 8080

Environment: SMS_HTTP_TOKEN (required), SMS_HTTP_URL, SMS_WEBHOOK_SECRET.`,
    )
    .action(async (url: string | undefined, flags: CheckGatewayFlags) => {
      const { checkGateway } = await import('./check-gateway.js');
      await checkGateway(terminal, url, flags);
    });
}

function portNumber(given: string): number {
  try {
    return wholeNumber(1, 65_535)(given);
  } catch {
    throw new InvalidArgumentError('It must be a port number.');
  }
}
