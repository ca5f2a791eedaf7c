import { LRUCache } from 'lru-cache';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { sparsely } from '../observability/sparsely.js';
import { UnreadableResultError } from './closed-result.js';
import { createLimiter } from './limiter.js';
import { mayHaveSms } from './may-have-sms.js';
import type { WebhookContext } from './webhook-context.js';

/** Look-ups at one time. This is only a measurement, so it must not take Temporal's capacity from deliveries. */
const LOOK_UPS_AT_ONCE = 4;
/** Late events come in bursts, after an outage of RBM or of this system. Each takes about a kilobyte. */
const QUEUE = { length: 10_000, waitMs: 60_000 } as const;

export interface LateDuplicates {
  /** Starts to look up the result of a closed delivery that got a late proof. Returns at once, and never throws. */
  readonly check: (delivery: DeliveryId) => void;
  /**
   * Starts no further look-up. Those that run go on: await the deliveries' `settled()` before closing the connection.
   */
  readonly stop: () => void;
}

/**
 * Counts messages that reached the phone after their delivery had settled with an SMS: the person got both, or may
 * have. A closed workflow can not record this itself. It is best effort, delays no answer, and looks at each delivery
 * once.
 */
export function createLateDuplicates({ deliveries, metrics, log, limits }: WebhookContext): LateDuplicates {
  const limit = createLimiter(LOOK_UPS_AT_ONCE, QUEUE);
  /** The ids of deliveries that were looked up. A result does not change, so DELIVERED and READ need one look-up. */
  const lookedUp = new LRUCache<string, true>({ max: limits.remembered });
  let stopped = false;

  const warnUnreadable = sparsely<object>((leftOut, about) => {
    log.warn(
      { ...about, leftOut },
      'results can not be read: check that PAYLOAD_ENCRYPTION_KEYS are those of the worker',
    );
  });

  const resultOf = (delivery: DeliveryId) =>
    limit(() => (stopped ? Promise.reject(new Error('stopped')) : deliveries.closedResult(delivery)));

  async function lookUp(delivery: DeliveryId, workflowId: string): Promise<void> {
    try {
      const result = await resultOf(delivery);
      // A result with `duplicate` was counted by the delivery's workflow.
      if (result === undefined || result.duplicate || !mayHaveSms(result)) return;
      metrics.lateDuplicate();
      log.warn({ workflowId, outcome: result.outcome }, 'delivered by RCS after the SMS');
    } catch (error) {
      metrics.lateNotLookedAt();
      if (error instanceof UnreadableResultError) warnUnreadable({ workflowId, reason: error.reason });
      else lookedUp.delete(workflowId);
      const cause = error instanceof Error ? error.name : undefined;
      log.debug({ workflowId, cause }, 'a late delivery could not be looked up');
    }
  }

  return {
    check(delivery) {
      const workflowId = workflowIdFor(delivery);
      if (lookedUp.has(workflowId)) return;
      lookedUp.set(workflowId, true);
      void lookUp(delivery, workflowId);
    },
    stop() {
      stopped = true;
    },
  };
}
