import type proto from '@temporalio/proto';

type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

/** The exact cost of one workflow on Temporal. */
export interface HistoryCost {
  readonly events: number;
  readonly workflowTasks: number;
  /** Billable actions of Temporal Cloud, as far as a history shows them. A child's own actions are in its own history. */
  readonly actions: number;
}

/**
 * Counts a history. Actions are the start, each attempt of an activity (also of a local one), each timer, signal, accepted
 * update and upsert of search attributes; a child workflow is two. A history shows no queries and no heartbeats.
 */
export function costOf(events: readonly HistoryEvent[]): HistoryCost {
  const count = (attribute: keyof HistoryEvent) => events.filter((event) => event[attribute] != null).length;
  const started = count('workflowExecutionStartedEventAttributes');
  const actions =
    started +
    activityAttempts(events) +
    localActivities(events) +
    count('timerStartedEventAttributes') +
    count('workflowExecutionSignaledEventAttributes') +
    count('workflowExecutionUpdateAcceptedEventAttributes') +
    count('upsertWorkflowSearchAttributesEventAttributes') +
    2 * count('startChildWorkflowExecutionInitiatedEventAttributes');
  return { events: events.length, workflowTasks: count('workflowTaskCompletedEventAttributes'), actions };
}

/** One history event stands for all attempts of an activity. It has the number of the last one. */
function activityAttempts(events: readonly HistoryEvent[]): number {
  const started = events.map(({ activityTaskStartedEventAttributes: start }) => start).filter((start) => start != null);
  const known = new Set(started.map(({ scheduledEventId }) => String(scheduledEventId)));
  const scheduled = events.filter((event) => event.activityTaskScheduledEventAttributes != null);
  const neverStarted = scheduled.filter(({ eventId }) => !known.has(String(eventId)));
  return started.reduce((sum, { attempt }) => sum + (attempt ?? 1), neverStarted.length);
}

/** The SDK's other markers, such as that of `patched`, are no actions. */
function localActivities(events: readonly HistoryEvent[]): number {
  return events.filter(({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity')
    .length;
}
