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
  const ids: DeliveryId[] = [];
  await search(async () => {
    for await (const one of deliveries.list(filter, { limit: SHOWN + 1 })) ids.push(one);
  });
  const [first, ...others] = ids;
  if (first === undefined)
    throw new DeliveryNotFoundError(`${beginning}… in Temporal's index, which is some seconds behind`);
  if (others.length === 0) return first;
  const candidates = ids.slice(0, SHOWN).map((one) => `  ${workflowIdFor(one)}`);
  const more = ids.length > SHOWN ? ['  …'] : [];
  throw new UsageError([`several deliveries begin with ${beginning}:`, ...candidates, ...more].join('\n'));
}
