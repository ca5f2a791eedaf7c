import { LRUCache } from 'lru-cache';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { sparsely } from '../observability/sparsely.js';
import { UnreadableResultError } from './closed-result.js';
import type { Edge } from './edge.js';
import { createGate } from './gate.js';
import { mayHaveSms } from './sms-known.js';

/** Look-ups at one time: this is a measurement, and must not cost Temporal what deliveries need. */
const MOST_LOOKUPS = 4;
/** Late events come in bursts, after an outage of ours or of RBM's. About a kilobyte each. */
const QUEUE = { length: 10_000, waitMs: 60_000 } as const;

export interface LateDuplicates {
  /** Call when proof of delivery met a closed delivery. Returns at once; never throws. */
  readonly lookAt: (delivery: DeliveryId) => void;
  /** No look-up begins after this: whoever closes Temporal's connection waits for those under way alone. */
  readonly stop: () => void;
}

/**
 * Counts the messages that reached the phone after their delivery had ended with an SMS, so that the person got both, or
 * may have. A closed delivery can't record it any more. Best effort, beside the answer; each delivery is looked at once.
 */
export function createLateDuplicates({ deliveries, metrics, log, limits }: Edge): LateDuplicates {
  const gate = createGate(MOST_LOOKUPS, QUEUE);
  /** How it ended does not change, and DELIVERED and READ are of one message. */
  const looked = new LRUCache<string, true>({ max: limits.remembered });
  let stopped = false;

  const warnUnreadable = sparsely<object>((leftOut, about) => {
    log.warn({ ...about, leftOut }, 'results can not be read: are PAYLOAD_ENCRYPTION_KEYS those of the worker?');
  });

  const resultOf = (delivery: DeliveryId) =>
    gate(() => (stopped ? Promise.reject(new Error('stopped')) : deliveries.closedResult(delivery)));

  async function lookUp(delivery: DeliveryId, workflowId: string): Promise<void> {
    try {
      const result = await resultOf(delivery);
      // `duplicate`: counted by the delivery itself while it ran.
      if (result === undefined || result.duplicate || !mayHaveSms(result)) return;
      metrics.lateDuplicate();
      log.warn({ workflowId, outcome: result.outcome }, 'delivered by RCS after the SMS');
    } catch (error) {
      metrics.lateNotLookedAt();
      if (error instanceof UnreadableResultError) warnUnreadable({ workflowId, reason: error.reason });
      else looked.delete(workflowId);
      const cause = error instanceof Error ? error.name : undefined;
      log.debug({ workflowId, cause }, 'a late delivery was not looked at');
    }
  }

  return {
    lookAt(delivery) {
      const workflowId = workflowIdFor(delivery);
      if (looked.has(workflowId)) return;
      looked.set(workflowId, true);
      void lookUp(delivery, workflowId);
    },
    stop() {
      stopped = true;
    },
  };
}
