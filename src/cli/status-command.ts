import { Command } from 'commander';
import { deliveryIdOf, withReference } from './delivery-reference.js';
import { printStatus } from './print-status.js';

export function statusCommand(): Command {
  return withReference(new Command('status'))
    .description('show where one delivery stands, or how it ended, and why')
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
      printStatus(status, json);
    });
}
