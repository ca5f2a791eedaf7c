import { LRUCache } from 'lru-cache';
import { isFromAnotherNumber } from '../contract/another-number.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { sparsely } from '../observability/sparsely.js';
import { UnreadableResultError } from './closed-result.js';
import { createLimiter } from './limiter.js';
import { mayHaveSms } from './may-have-sms.js';
import { senderKey } from './sender-key.js';
import type { WebhookContext } from './webhook-context.js';

/** Look-ups at one time. This is only a measurement, so it must not take Temporal's capacity from deliveries. */
const LOOK_UPS_AT_ONCE = 4;
/** Late events come in bursts, after an outage of RBM or of this system. Each takes about a kilobyte. */
const QUEUE = { length: 10_000, waitMs: 60_000 } as const;

export interface LateDuplicates {
  /**
   * Starts to look up the result of a closed delivery that got a late proof. `from` is the number in the event. Returns at
   * once, and never throws.
   */
  readonly check: (delivery: DeliveryId, from: string | undefined) => void;
  /**
   * Starts no further look-up. Those that run go on: await the deliveries' `settled()` before closing the connection.
   */
  readonly stop: () => void;
}

/**
 * Counts messages that reached the phone after their delivery had settled with an SMS: the person got both, or may
 * have. A closed workflow can not record this itself. It is best effort, delays no answer, and counts each delivery once.
 * As in the delivery, an event from another number than the recipient's proves nothing.
 */
export function createLateDuplicates({ deliveries, metrics, log, limits }: WebhookContext): LateDuplicates {
  const limit = createLimiter(LOOK_UPS_AT_ONCE, QUEUE);
  /**
   * What needs no look-up. A workflow id: every event about it, since its result does not change. A workflow id with a
   * sender: the events of this number alone.
   */
  const lookedUp = new LRUCache<string, true>({ max: limits.remembered });
  let stopped = false;

  const warnUnreadable = sparsely<object>((leftOut, about) => {
    log.warn(
      { ...about, leftOut },
      'results can not be read: the search attributes do not tell enough, and PAYLOAD_ENCRYPTION_KEYS has no key for them',
    );
  });

  const ask = <T>(work: () => Promise<T>): Promise<T> =>
    limit(() => (stopped ? Promise.reject(new Error('stopped')) : work()));

  async function isFromAnother(delivery: DeliveryId, from: string | undefined): Promise<boolean> {
    if (from === undefined) return false;
    const recipient = await ask(() => deliveries.recipient(delivery));
    if (recipient !== undefined) return isFromAnotherNumber(from, recipient);
    const isOwn = await ask(async () => deliveries.isIndexedFor?.(delivery, from));
    if (isOwn === undefined) throw new UnreadableResultError('no readable input');
    return !isOwn;
  }

  async function lookUp(delivery: DeliveryId, from: string | undefined): Promise<void> {
    const workflowId = workflowIdFor(delivery);
    try {
      const result = await ask(() => deliveries.closedResult(delivery));
      // A result with `duplicate` was counted by the delivery's workflow.
      const mayBeDuplicate = result !== undefined && !result.duplicate && mayHaveSms(result);
      if (mayBeDuplicate && (await isFromAnother(delivery, from))) return;
      // An event with another sender, or with none, may have been counted meanwhile.
      if (lookedUp.has(workflowId)) return;
      lookedUp.set(workflowId, true);
      if (!mayBeDuplicate) return;
      metrics.lateDuplicate();
      log.warn({ workflowId, outcome: result.outcome }, 'delivered by RCS after the SMS');
    } catch (error) {
      metrics.lateNotLookedAt();
      if (error instanceof UnreadableResultError) warnUnreadable({ workflowId, reason: error.reason });
      else lookedUp.delete(keyOf(workflowId, from));
      const cause = error instanceof Error ? error.name : undefined;
      log.debug({ workflowId, cause }, 'a late delivery could not be looked up');
    }
  }

  return {
    check(delivery, from) {
      const workflowId = workflowIdFor(delivery);
      const key = keyOf(workflowId, from);
      if (lookedUp.has(workflowId) || lookedUp.has(key)) return;
      lookedUp.set(key, true);
      void lookUp(delivery, from);
    },
    stop() {
      stopped = true;
    },
  };
}

const keyOf = (workflowId: string, from: string | undefined): string => `${workflowId} ${senderKey(from)}`;
