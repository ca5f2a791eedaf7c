import { workflowIdFor } from '../contract/ids.js';
import type { Edge } from './edge.js';
import { OverloadedError } from './gate.js';
import type { EventSignal, HandOver, HandoverResult } from './handover.js';
import { TemporalUnavailableError } from './delivery-signals.js';
import type { Source } from './webhook-metrics.js';

/** Hands an event over, counts what became of it and logs it by its ids. Throws as HandOver does. */
export async function handOverCounted<Payload>({
  handOver,
  edge: { metrics, log },
  source,
  event,
}: {
  readonly handOver: HandOver;
  readonly edge: Edge;
  readonly source: Source;
  readonly event: EventSignal<Payload>;
}): Promise<HandoverResult> {
  const { kind, delivery } = event;
  const ids = { source, kind, workflowId: workflowIdFor(delivery) };
  try {
    const result = await handOver(event);
    const { verdict } = result;
    metrics.event(source, kind, verdict);
    if (verdict === 'refused') log.warn({ ...ids, verdict }, 'Temporal will never take this event');
    else log.debug({ ...ids, verdict }, 'event');
    return result;
  } catch (error) {
    metrics.event(source, kind, error instanceof OverloadedError ? 'overloaded' : 'unavailable');
    const reason = error instanceof TemporalUnavailableError ? error.reason : undefined;
    log.warn({ ...ids, reason }, 'event not stored; the sender will repeat it');
    throw error;
  }
}
