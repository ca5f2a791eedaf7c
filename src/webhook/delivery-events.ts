import type { RbmEventSignal } from '../contract/messages.js';
import type { RbmEvent } from '../rbm/rbm-event.js';
import type { LateDuplicates } from './late-duplicates.js';
import type { Verdict } from './metrics.js';
import { repliesOf, signalOf, type MessageEvent } from './rbm-signals.js';
import type { EventSignal, SignalOnce } from './signal-once.js';

/** Brings RBM's events to their deliveries. Both throw what {@link SignalOnce} throws. */
export interface DeliveryEvents {
  readonly message: (event: MessageEvent) => Promise<Verdict>;
  /** Signals every delivery that a tapped suggestion names. */
  readonly reply: (event: Extract<RbmEvent, { readonly kind: 'userMessage' }>) => Promise<void>;
}

export function createDeliveryEvents(signalOnce: SignalOnce, lateDuplicates: LateDuplicates): DeliveryEvents {
  async function signal(event: EventSignal<RbmEventSignal>): Promise<Verdict> {
    const { verdict, fresh } = await signalOnce(event);
    if (event.proof && verdict === 'closed' && fresh) lateDuplicates.check(event.delivery, event.from);
    return verdict;
  }
  return {
    message: (event) => signal(signalOf(event, new Date())),
    async reply(event) {
      await Promise.all(repliesOf(event, new Date()).map(signal));
    },
  };
}
