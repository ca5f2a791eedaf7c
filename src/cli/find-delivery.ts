import { DeliveryNotFoundError } from '../client/client-errors.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import type { Reference } from './arguments.js';
import type { Access } from './client-access.js';
import { UsageError } from './errors.js';

const SHOWN = 5;

/**
 * The delivery that a person named. A beginning is looked up in Temporal's index, and must be unique there. Throws a
 * UsageError that names the candidates, or a DeliveryNotFoundError.
 */
export async function findDelivery({ deliveries, search }: Access, reference: Reference): Promise<DeliveryId> {
  if ('messageId' in reference) return reference;
  // A beginning holds nothing that could end the string: see BEGINNING in arguments.ts.
  const beginning = workflowIdFor({ ...reference, messageId: reference.beginning });
  const filter = { query: `WorkflowId STARTS_WITH '${beginning}'` };
  // After a reset, for example, Temporal lists each run of a delivery.
  const found = new Map<string, DeliveryId>();
  await search(async () => {
    for await (const { workflowId, agentId, messageId } of deliveries.list(filter)) {
      found.set(workflowId, { agentId, messageId });
      if (found.size > SHOWN) return;
    }
  });
  const ids = [...found.values()];
  const [first, ...others] = ids;
  if (first === undefined)
    throw new DeliveryNotFoundError(`${beginning}… in Temporal's index, which is some seconds behind`);
  if (others.length === 0) return first;
  const candidates = ids.slice(0, SHOWN).map((one) => `  ${workflowIdFor(one)}`);
  const more = ids.length > SHOWN ? ['  …'] : [];
  throw new UsageError([`several deliveries begin with ${beginning}:`, ...candidates, ...more].join('\n'));
}
