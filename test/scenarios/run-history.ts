import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { WorkflowTaskFailedCause } = temporal.api.enums.v1;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** An activity as the history shows it. Event ids give the order. Times are the server's, in milliseconds. */
export interface ActivityFact {
  readonly type: string;
  readonly input: unknown;
  readonly scheduledId: number;
  readonly scheduledAt: number;
  /** The workflow task that decided on it. It knew the events before `startedId`. */
  readonly decidedBy: { readonly scheduledAt: number; readonly startedId: number; readonly startedAt: number };
  readonly ended?: {
    readonly id: number;
    readonly at: number;
    readonly how: 'completed' | 'failed' | 'timedOut' | 'canceled';
  };
}

/** A signal, an accepted update, or a request to cancel. */
export interface MessageFact {
  readonly name: string;
  readonly id: number;
  readonly at: number;
  readonly payload: unknown;
}

export interface RunHistory {
  readonly startedAt: number;
  readonly closed?: { readonly how: string; readonly at: number; readonly result: unknown; readonly startedId: number };
  /** Why workflow tasks failed: a replay failed, or the workflow has a bug. Tasks that a new event overtook do not count. */
  readonly failedTasks: readonly string[];
  readonly activities: readonly ActivityFact[];
  readonly messages: readonly MessageFact[];
  /**
   * The longest time from a scheduled workflow task to the start of the attempt that a worker answered, and to its answer.
   * `toStart` has the answers too, of tasks after the local activity's: nothing but a busy machine makes those long.
   * Milliseconds. For the delivery it is an outage.
   */
  readonly longestOutage: { readonly toStart: number; readonly toAnswer: number };
  /** True if a workflow task timed out, so that a worker got it again. */
  readonly hasRepeatedTask: boolean;
  /** One line per event, for people. */
  readonly summary: readonly string[];
}

const idOf = ({ eventId }: HistoryEvent) => Number(eventId);
const timeOf = ({ eventTime }: HistoryEvent) =>
  Number(eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1e6);
const valueOf = (payloads: Payloads): unknown => {
  const [first] = payloads?.payloads ?? [];
  return first === undefined ? undefined : defaultPayloadConverter.fromPayload(first);
};

export function readHistory({ events }: History): RunHistory {
  const all = events ?? [];
  const lastBefore = (id: number, is: (event: HistoryEvent) => unknown) => {
    const found = all.findLast((event) => idOf(event) < id && Boolean(is(event)));
    if (found === undefined) throw new Error('a command without its workflow task');
    return found;
  };
  // By order, because a task's commands follow its completion. The test server sets the references to it wrongly.
  const decidedBy = (command: HistoryEvent) => {
    const completed = lastBefore(idOf(command), (event) => event.workflowTaskCompletedEventAttributes);
    const started = lastBefore(idOf(completed), (event) => event.workflowTaskStartedEventAttributes);
    const scheduled = lastBefore(idOf(started), (event) => event.workflowTaskScheduledEventAttributes);
    return { scheduledAt: timeOf(scheduled), startedId: idOf(started), startedAt: timeOf(started) };
  };
  const close = closeOf(all);
  return {
    startedAt: all[0] === undefined ? 0 : timeOf(all[0]),
    failedTasks: all.flatMap(failureOf),
    activities: all.flatMap((event) => {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (!scheduled) return [];
      const ended = endOf(all, idOf(event));
      return [
        {
          type: scheduled.activityType?.name ?? '',
          input: valueOf(scheduled.input),
          scheduledId: idOf(event),
          scheduledAt: timeOf(event),
          decidedBy: decidedBy(event),
          ...(ended && { ended }),
        },
      ];
    }),
    messages: all.flatMap(messageOf),
    longestOutage: longestOutageOf(all),
    hasRepeatedTask: all.some((event) => Boolean(event.workflowTaskTimedOutEventAttributes)),
    summary: all.map((event) => summaryOf(event, timeOf(all[0] ?? event))),
    ...(close && {
      closed: { how: close.how, at: close.at, result: close.result, startedId: decidedBy(close.event).startedId },
    }),
  };
}

function failureOf({ workflowTaskFailedEventAttributes: failed }: HistoryEvent): string[] {
  if (!failed || failed.cause === WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND) return [];
  return [failed.failure?.message ?? String(failed.cause)];
}

function longestOutageOf(all: readonly HistoryEvent[]): RunHistory['longestOutage'] {
  let [toStart, toAnswer] = [0, 0];
  let since: number | undefined;
  let started = 0;
  let hasLocalAnswer = false;
  for (const event of all) {
    if (event.markerRecordedEventAttributes) hasLocalAnswer = true;
    if (event.workflowTaskScheduledEventAttributes) since ??= timeOf(event);
    if (event.workflowTaskStartedEventAttributes) started = timeOf(event);
    if (!event.workflowTaskCompletedEventAttributes || since === undefined) continue;
    toStart = Math.max(toStart, (hasLocalAnswer ? timeOf(event) : started) - since);
    toAnswer = Math.max(toAnswer, timeOf(event) - since);
    since = undefined;
  }
  return { toStart, toAnswer };
}

function endOf(all: readonly HistoryEvent[], scheduledId: number): ActivityFact['ended'] {
  for (const event of all) {
    const ends = {
      completed: event.activityTaskCompletedEventAttributes,
      failed: event.activityTaskFailedEventAttributes,
      timedOut: event.activityTaskTimedOutEventAttributes,
      canceled: event.activityTaskCanceledEventAttributes,
    };
    for (const [how, attributes] of Object.entries(ends)) {
      if (attributes && Number(attributes.scheduledEventId) === scheduledId) {
        return { id: idOf(event), at: timeOf(event), how: how as keyof typeof ends };
      }
    }
  }
  return undefined;
}

function messageOf(event: HistoryEvent): MessageFact[] {
  const fact = (name: string, payload: unknown) => [{ name, payload, id: idOf(event), at: timeOf(event) }];
  const signal = event.workflowExecutionSignaledEventAttributes;
  if (signal) return fact(signal.signalName ?? '', valueOf(signal.input));
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (update) return fact(update.name ?? '', valueOf(update.args));
  return event.workflowExecutionCancelRequestedEventAttributes ? fact('cancel', undefined) : [];
}

function closeOf(all: readonly HistoryEvent[]) {
  for (const event of all) {
    const completed = event.workflowExecutionCompletedEventAttributes;
    const failed = event.workflowExecutionFailedEventAttributes;
    if (completed) return { event, how: 'completed', at: timeOf(event), result: valueOf(completed.result) };
    if (failed) return { event, how: 'failed', at: timeOf(event), result: failed.failure?.message };
  }
  return undefined;
}

function summaryOf(event: HistoryEvent, start: number): string {
  const kind = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '';
  const name =
    event.activityTaskScheduledEventAttributes?.activityType?.name ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type ??
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name ??
    '';
  const at = ((timeOf(event) - start) / 1000).toFixed(3).padStart(9);
  return `${String(idOf(event)).padStart(3)} ${at}  ${kind.replace('EventAttributes', '')} ${name}`.trimEnd();
}
