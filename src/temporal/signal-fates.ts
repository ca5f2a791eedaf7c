import type { temporal } from '@temporalio/proto';
import { FORMER_SIGNALS } from '../contract/former-run.js';
import { patchIn } from './patch-marker.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/**
 * What a run did with a signal. `taken`: it acted on it, or ignored it for good. `setAside`: it could not decrypt it, or had
 * to refuse it (src/workflows/set-aside.ts). `unseen`: no workflow task that has completed knew of it.
 */
export type SignalFate = 'taken' | 'setAside' | 'unseen';

/** The fate of each of a delivery's signals in a whole history. Other signals have none. */
export function signalFates(events: readonly HistoryEvent[]): ReadonlyMap<HistoryEvent, SignalFate> {
  const decided = new Set(events.map(patchIn));
  const seenUpTo = Math.max(
    0,
    ...events.map((event) => Number(event.workflowTaskCompletedEventAttributes?.startedEventId ?? 0)),
  );
  const counts = new Map<string, number>();
  return new Map(
    events.filter(isDeliverySignal).map((signal) => {
      const name = nameOf(signal);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const id = `${name}-${String(count)}`;
      if (decided.has(`set-aside-${id}`)) return [signal, decided.has(`taken-${id}`) ? 'taken' : 'setAside'];
      return [signal, Number(signal.eventId) < seenUpTo ? 'taken' : 'unseen'];
    }),
  );
}

const nameOf = (event: HistoryEvent) => event.workflowExecutionSignaledEventAttributes?.signalName ?? '';
const isDeliverySignal = (event: HistoryEvent) => FORMER_SIGNALS.includes(nameOf(event));
