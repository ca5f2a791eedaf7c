import { Command } from 'commander';
import { DeliveryFailedError, NoWorkerError } from '../client/client-errors.js';
import type { DeliveryId } from '../contract/ids.js';
import { deliveryIdOf, withReference } from './delivery-reference.js';
import { printStatus } from './print-status.js';
import type { Access } from './with-delivery-client.js';

export function statusCommand(): Command {
  return withReference(new Command('status'))
    .description('show where one delivery stands, or how it ended, and why')
    .option('--json', 'print the status as JSON')
    .addHelpText(
      'after',
      `
A running delivery is asked through a worker; one that has ended is not, so it needs none. Where no worker answers, what
Temporal itself knows is shown (with --json as \`list --json\` does), and it ends with 4. Of a delivery that failed or was
terminated the last that its workflow knew is shown, and it ends with 1.

Examples:
  rcs-delivery status message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21
  rcs-delivery status acme 0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21 --json`,
    )
    .action(async (first: string, messageId: string | undefined, { json }: { readonly json?: boolean }) => {
      const id = deliveryIdOf(first, messageId);
      const { withAccess } = await import('./with-delivery-client.js');
      await withAccess(async (access) => {
        const status = await access.deliveries
          .handle(id)
          .status()
          .catch(async (error: unknown) => {
            await tellAllTheSame(error, { access, id, json });
            throw error;
          });
        printStatus(status, json);
      });
    });
}

interface Asked {
  readonly access: Access;
  readonly id: DeliveryId;
  readonly json: boolean | undefined;
}

/** What there is to show of a delivery that has no status to show. */
async function tellAllTheSame(error: unknown, { access, id, json }: Asked): Promise<void> {
  if (error instanceof DeliveryFailedError) {
    const { printFailed } = await import('./print-failed.js');
    await printFailed(access, { id, json, error });
  }
  if (!(error instanceof NoWorkerError)) return;
  const { printUnanswered } = await import('./print-unanswered.js');
  await printUnanswered(access, id, json);
}
