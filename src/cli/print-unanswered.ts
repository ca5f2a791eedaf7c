import { summaryOf } from '../client/list-deliveries.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { renderUnanswered } from './render-unanswered.js';
import { hasColours } from './terminal.js';
import type { Access } from './with-delivery-client.js';

/** Of a delivery for which no worker answers: what Temporal itself knows, as far as it tells. */
export async function printUnanswered({ client }: Access, id: DeliveryId, json: boolean | undefined): Promise<void> {
  const handle = client.workflow.getHandle(workflowIdFor(id));
  const summary = await handle.describe().then(summaryOf, () => undefined);
  if (summary === undefined) return;
  const colour = hasColours(process.stdout);
  const shown = json === true ? JSON.stringify(summary) : renderUnanswered({ summary, now: Date.now(), colour });
  process.stdout.write(`${shown}\n`);
}
