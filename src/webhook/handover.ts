import type { SignalDefinition } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import type { DeliverySignals, SignalResult } from './delivery-signals.js';
import { createGate } from './gate.js';
import type { WebhookLimits } from './limits.js';

export interface EventSignal<Payload> {
  readonly delivery: DeliveryId;
  /** What happened, such as `read` or `sms:SENT`: with the delivery it is what repetitions are known by. */
  readonly kind: string;
  /** Whether this proves that the phone has the RCS message. */
  readonly proof: boolean;
  readonly definition: SignalDefinition<[Payload]>;
  readonly payload: Payload;
}

export interface HandoverResult {
  /** `repeated`: it adds nothing to what was signalled before. */
  readonly verdict: SignalResult | 'repeated';
  /** Whether Temporal itself said so just now, to this caller. */
  readonly fresh: boolean;
}

/** Resolves once the event is durable or surely nothing to us. Throws a TemporalUnavailableError or OverloadedError. */
export type HandOver = <Payload>(event: EventSignal<Payload>) => Promise<HandoverResult>;

/** Longer than RBM's longest pause between two deliveries of an event (600 s). After that a repetition is signalled again. */
const POSITIVE_TTL_MS = 900_000;
/** "Closed" and "unknown" are only remembered to take the edge off a storm: an operator may reset or restart a delivery. */
const NEGATIVE_TTL_MS = 5_000;

/**
 * Hands events to Temporal, each once: RBM sends at least once, and its signature carries no time, so that anybody who
 * has seen an event can replay it.
 *
 * Known by (agentId, messageId, kind), not by eventId, whose uniqueness RBM does not promise. After a durable proof of
 * delivery nothing that RBM says of this message changes anything: "DELIVERED wins" (RBM "Send messages").
 * Nothing is remembered before Temporal has answered. Events that come at the same time share one call.
 */
export function createHandover({
  deliveries,
  limits,
}: {
  readonly deliveries: DeliverySignals;
  readonly limits: Pick<WebhookLimits, 'remembered' | 'signalsInFlight' | 'signalsWaiting' | 'signalWaitMs'>;
}): HandOver {
  const known = new LRUCache<string, SignalResult>({ max: limits.remembered });
  const underway = new Map<string, Promise<SignalResult>>();
  const gate = createGate(limits.signalsInFlight, { length: limits.signalsWaiting, waitMs: limits.signalWaitMs });

  async function signal<Payload>(event: EventSignal<Payload>, keys: Keys): Promise<SignalResult> {
    const { delivery, definition, payload, proof } = event;
    const result = await gate(() => deliveries.signal(delivery, definition, payload));
    if (result === 'signalled') known.set(proof ? keys.proof : keys.own, result, { ttl: POSITIVE_TTL_MS });
    else known.set(keys.own, result, { ttl: NEGATIVE_TTL_MS });
    return result;
  }

  return async (event) => {
    const keys = keysOf(event);
    const before = known.get(keys.proof) ?? known.get(keys.own);
    if (before !== undefined) return repetition(before);
    const joined = underway.get(keys.own);
    if (joined !== undefined) return repetition(await joined);
    const call = signal(event, keys).finally(() => underway.delete(keys.own));
    underway.set(keys.own, call);
    return { verdict: await call, fresh: true };
  };
}

interface Keys {
  readonly own: string;
  readonly proof: string;
}

function keysOf({ delivery, kind }: EventSignal<never> | EventSignal<unknown>): Keys {
  const workflowId = workflowIdFor(delivery);
  return { own: `${workflowId} ${kind}`, proof: `${workflowId} proof` };
}

function repetition(result: SignalResult): HandoverResult {
  return { verdict: result === 'signalled' ? 'repeated' : result, fresh: false };
}
