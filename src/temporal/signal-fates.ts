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
  const tasks = events.flatMap(({ workflowTaskCompletedEventAttributes: completed }) =>
    completed ? [Number(completed.startedEventId)] : [],
  );
  const seenUpTo = tasks.at(-1) ?? 0;
  return new Map(
    asNumbered(events, tasks[0]).map((signal, index) => {
      const number = String(index + 1);
      if (decided.has(`set-aside-${number}`)) return [signal, decided.has(`taken-${number}`) ? 'taken' : 'setAside'];
      return [signal, Number(signal.eventId) < seenUpTo ? 'taken' : 'unseen'];
    }),
  );
}

/**
 * The signals in the order in which the workflow numbered them: those before its first task by name, since the SDK hands
 * them over when their handler is set, and then as they came.
 */
function asNumbered(events: readonly HistoryEvent[], firstTask = Infinity): readonly HistoryEvent[] {
  const signals = events.filter((event) => FORMER_SIGNALS.includes(nameOf(event)));
  const isEarly = ({ eventId }: HistoryEvent) => Number(eventId) < firstTask;
  return [
    ...FORMER_SIGNALS.flatMap((name) => signals.filter((event) => isEarly(event) && nameOf(event) === name)),
    ...signals.filter((event) => !isEarly(event)),
  ];
}

const nameOf = (event: HistoryEvent) => event.workflowExecutionSignaledEventAttributes?.signalName ?? '';

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
