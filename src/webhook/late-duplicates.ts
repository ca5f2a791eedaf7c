import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import type { Edge } from './edge.js';
import { createGate, OverloadedError } from './gate.js';

/** Look-ups at one time; more are left out: this is a measurement, and must not cost Temporal what deliveries need. */
const MOST_LOOKUPS = 4;

/** Call when DELIVERED met a closed delivery. Returns at once; never throws. */
export type LookAtLate = (delivery: DeliveryId) => void;

/**
 * Counts the messages that reached the phone after their delivery had ended with an SMS, so that the person got both.
 * A closed delivery can't record it any more. Best effort, beside the answer.
 */
export function createLateDuplicates({ deliveries, metrics, log }: Edge): LookAtLate {
  const gate = createGate(MOST_LOOKUPS);

  async function lookUp(delivery: DeliveryId): Promise<void> {
    const workflowId = workflowIdFor(delivery);
    try {
      const result = await gate(() => deliveries.closedResult(delivery));
      // `duplicate`: counted by the delivery itself while it ran.
      if (result === undefined || result.duplicate || !endedBySms(result.outcome)) return;
      metrics.lateDuplicate();
      log.warn({ workflowId, outcome: result.outcome }, 'delivered by RCS after the SMS');
    } catch (error) {
      const cause = error instanceof OverloadedError ? 'overloaded' : 'unavailable';
      log.debug({ workflowId, cause }, 'a late delivery was not looked at');
    }
  }

  return (delivery) => void lookUp(delivery);
}

function endedBySms(outcome: string): boolean {
  return outcome === 'SENT_BY_SMS' || outcome === 'DELIVERED_BY_SMS';
}
