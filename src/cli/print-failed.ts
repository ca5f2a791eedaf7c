import { statusQuery } from '../contract/messages.js';
import type { DeliveryFailedError } from '../client/client-errors.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import type { DeliveryStatus } from '../contract/status.js';
import { printUnanswered } from './print-unanswered.js';
import { renderStatus } from './render-status.js';
import { hasColours } from './terminal.js';
import type { Access } from './with-delivery-client.js';

const QUERY_MS = 3_000;

interface Failed {
  readonly id: DeliveryId;
  readonly json: boolean | undefined;
  readonly error: DeliveryFailedError;
}

/** Of a delivery that ended without an outcome (a bad input, a termination): what its workflow knew last, if a worker tells. */
export async function printFailed(access: Access, { id, json, error }: Failed): Promise<void> {
  const last = await lastStatus(access, id);
  const { executionStatus, failureType, message } = error;
  if (json === true) {
    const told = { workflowId: workflowIdFor(id), ...id, status: executionStatus, failureType, message };
    process.stdout.write(`${JSON.stringify({ ...told, ...(last && { last }) })}\n`);
    return;
  }
  if (last === undefined) {
    await printUnanswered(access, id, false);
    return;
  }
  // Whatever it would have done next, nobody does any more.
  const status = { ...last, next: null };
  const title = `${executionStatus} in ${last.status}`;
  process.stdout.write(`${renderStatus({ status, title, now: Date.now(), colour: hasColours(process.stdout) })}\n`);
}

async function lastStatus({ client }: Access, id: DeliveryId): Promise<DeliveryStatus | undefined> {
  const workflow = client.workflow.getHandle(workflowIdFor(id));
  // A workflow that refused its input knows no query.
  return client.workflow.withDeadline(Date.now() + QUERY_MS, () => workflow.query(statusQuery)).catch(() => undefined);
}
