import type { SignalDefinition } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { TemporalUnavailableError, type SignalResult } from './delivery-signals.js';
import { OverloadedError } from './limiter.js';
import type { Source } from './metrics.js';
import { senderKey } from './sender-key.js';
import type { WebhookContext } from './webhook-context.js';

/** An event, and the signal that it becomes. */
export interface EventSignal<Payload> {
  readonly delivery: DeliveryId;
  /** What happened, such as `read` or `sms:SENT`. A repetition has the same delivery, kind and sender. */
  readonly kind: string;
  /** The number of the phone that RBM names in the event. */
  readonly from?: string | undefined;
  /** Whether the event proves that the phone has the RCS message. */
  readonly proof: boolean;
  readonly definition: SignalDefinition<[Payload]>;
  readonly payload: Payload;
}

interface SignalOnceResult {
  /** `repeated`: the event adds nothing to an earlier signal, so Temporal was not asked. */
  readonly verdict: SignalResult | 'repeated';
  /** Whether this very event went to Temporal; false when an earlier or simultaneous one answered for it. */
  readonly fresh: boolean;
}

/**
 * Resolves once the event is durable in Temporal, or certainly changes nothing. Throws a TemporalUnavailableError or an
 * OverloadedError; the sender must repeat the event then.
 */
export type SignalOnce = <Payload>(event: EventSignal<Payload>) => Promise<SignalOnceResult>;

/** Signals each event once, counts what became of it under `source`, and logs its ids. */
export function createSignalOnce(context: WebhookContext, source: Source): SignalOnce {
  const { metrics, log } = context;
  const signal = withoutRepetitions(context);
  return async (event) => {
    const { kind, delivery } = event;
    const ids = { source, kind, workflowId: workflowIdFor(delivery) };
    try {
      const result = await signal(event);
      const { verdict } = result;
      metrics.event(source, kind, verdict);
      if (verdict === 'refused') log.warn({ ...ids, verdict }, 'Temporal refuses this event for good');
      else log.debug({ ...ids, verdict }, 'event');
      return result;
    } catch (error) {
      metrics.event(source, kind, error instanceof OverloadedError ? 'overloaded' : 'unavailable');
      const reason = error instanceof TemporalUnavailableError ? error.reason : undefined;
      log.warn({ ...ids, reason }, 'event not stored; the sender will repeat it');
      throw error;
    }
  };
}

/** How long a stored event is remembered. RBM pauses for at most 600 s between two repetitions. Milliseconds. */
export const STORED_TTL_MS = 900_000;
/** How long any other result is remembered. Short, since an operator may reset the delivery. Milliseconds. */
const NOT_SIGNALLED_TTL_MS = 5_000;

/**
 * Signals an event unless it is remembered; simultaneous repetitions share one call. RBM delivers at least once, and
 * its signature has no time, so anybody who has seen an event can replay it. Nothing is remembered before Temporal
 * answers.
 *
 * RBM does not promise unique eventIds, so a repetition is known by agentId, messageId, kind and sender. After a stored
 * proof of delivery, no RBM event of this message and sender changes anything ("DELIVERED wins", RBM "Send messages").
 * The webhook does not know the recipient, so another number's event must not pass for the recipient's own.
 */
function withoutRepetitions({ deliveries, limits, limitSignals }: WebhookContext): SignalOnce {
  const known = new LRUCache<string, SignalResult>({ max: limits.remembered });
  const inFlight = new Map<string, Promise<SignalResult>>();

  async function signal<Payload>(event: EventSignal<Payload>, keys: Keys): Promise<SignalResult> {
    const { delivery, definition, payload, proof } = event;
    const result = await limitSignals(() => deliveries.signal(delivery, definition, payload));
    if (result === 'signalled') known.set(proof ? keys.proof : keys.event, result, { ttl: STORED_TTL_MS });
    else known.set(keys.event, result, { ttl: NOT_SIGNALLED_TTL_MS });
    return result;
  }

  return async (event) => {
    const keys = keysOf(event);
    const earlier = known.get(keys.proof) ?? known.get(keys.event);
    if (earlier !== undefined) return repetitionOf(earlier);
    const simultaneous = inFlight.get(keys.event);
    if (simultaneous !== undefined) return repetitionOf(await simultaneous);
    const call = signal(event, keys).finally(() => inFlight.delete(keys.event));
    inFlight.set(keys.event, call);
    return { verdict: await call, fresh: true };
  };
}

function repetitionOf(earlier: SignalResult): SignalOnceResult {
  return { verdict: earlier === 'signalled' ? 'repeated' : earlier, fresh: false };
}

interface Keys {
  /** The key for this kind of event of this delivery and sender. */
  readonly event: string;
  /** The key for any proof of this sender that this delivery's message arrived. */
  readonly proof: string;
}

function keysOf({ delivery, kind, from }: Pick<EventSignal<unknown>, 'delivery' | 'kind' | 'from'>): Keys {
  const about = `${workflowIdFor(delivery)} ${senderKey(from)}`;
  return { event: `${about} ${kind}`, proof: `${about} proof` };
}
