import type { temporal } from '@temporalio/proto';
import { isObject } from '../contract/check.js';
import { FORMER_SIGNALS } from '../contract/former-run.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/**
 * What a run did with a signal. `taken`: it acted on it, or ignored it for good. `setAside`: it could not decrypt it, or had
 * to refuse it (src/workflows/set-aside.ts). `unseen`: no workflow task that has completed knew of it.
 */
export type SignalFate = 'taken' | 'setAside' | 'unseen';

/** The fate of each of a delivery's signals in a whole history. Other signals have none. */
export function signalFates(events: readonly HistoryEvent[]): ReadonlyMap<HistoryEvent, SignalFate> {
  const decided = new Set(events.flatMap(patchOf));
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

/** The name and the key of a patch marker, in Temporal's core. Its data is JSON, which no codec encodes. */
const PATCH = 'core_patch';
const PATCH_DATA = 'patch-data';

function patchOf({ markerRecordedEventAttributes: marker }: HistoryEvent): string[] {
  if (marker?.markerName !== PATCH) return [];
  const [payload] = marker.details?.[PATCH_DATA]?.payloads ?? [];
  try {
    const read: unknown = JSON.parse(Buffer.from(payload?.data ?? []).toString('utf8'));
    return isObject(read) && typeof read['id'] === 'string' ? [read['id']] : [];
  } catch {
    return [];
  }
}
