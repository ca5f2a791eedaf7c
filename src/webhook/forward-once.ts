import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RbmEvent } from '../rbm/rbm-event.js';
import { STORED_TTL_MS } from './signal-once.js';

/** Runs `work` unless the same event was accepted shortly before. Throws what `work` throws. */
export type ForwardOnce = (key: string, work: () => Promise<void>) => Promise<'forwarded' | 'repeated'>;

/**
 * Remembers each event that was accepted for 15 minutes; simultaneous repetitions share one call. RBM's signature has no
 * time, so anybody who has seen an event can replay it. An event that was refused is not remembered: RBM's repetition is
 * the retry.
 */
export function createForwardOnce(remembered: number): ForwardOnce {
  const accepted = new LRUCache<string, true>({ max: remembered, ttl: STORED_TTL_MS });
  const inFlight = new Map<string, Promise<void>>();
  return async (key, work) => {
    if (accepted.has(key)) return 'repeated';
    const simultaneous = inFlight.get(key);
    if (simultaneous !== undefined) {
      await simultaneous;
      return 'repeated';
    }
    const call = work()
      .then(() => void accepted.set(key, true))
      .finally(() => inFlight.delete(key));
    inFlight.set(key, call);
    await call;
    return 'forwarded';
  };
}

/**
 * The same for a repetition alone. Two taps on one suggestion may have the same bytes, since RBM's sample of a tap has
 * neither an id nor a time. Such an event counts as another one if the envelope's `publishTime` differs, although that
 * is not signed.
 */
export function forwardKeyOf(event: RbmEvent, data: Buffer, publishTime: string | undefined): string {
  const digest = createHash('sha256').update(data).digest('base64url');
  return hasIdentity(event) ? digest : `${digest} ${publishTime ?? ''}`;
}

function hasIdentity(event: RbmEvent): boolean {
  if (event.kind === 'unreadable') return true;
  const userMessageId = event.kind === 'userMessage' ? event.userMessageId : undefined;
  const messageId = 'messageId' in event ? event.messageId : undefined;
  return [event.eventId, event.sendTime, userMessageId, messageId].some((one) => one !== undefined);
}
