import type { temporal } from '@temporalio/proto';
import type { ActivityEnd, EventPlace, RunEvent, RunEventBody, UpdateRequest } from '../activities/run-histories.js';
import { isObject } from '../contract/check.js';
import {
  FORMER_ACTIVITIES,
  FORMER_SIGNALS,
  INPUT_REFUSED_PATCH,
  SIGNAL_FIELDS,
  type FormerActivityType,
  type FormerSignal,
} from '../contract/former-run.js';
import { MAX_EVENT_ID } from '../contract/messages.js';
import { sequenceIn } from '../contract/notification.js';
import { endOf, readFailure } from './failure-reader.js';
import { patchIn } from './patch-marker.js';
import type { PayloadReader, Payloads } from './payload-reader.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Temporal's number for the failure of a workflow task with which a reset run begins (WorkflowTaskFailedCause). */
const RESET_WORKFLOW = 20;
/** The name of the marker of a local activity, in Temporal's core. */
const LOCAL_ACTIVITY = 'core_local_activity';

/** The event as far as `lookBack` needs it; undefined if it does not. Throws what the codec throws. */
export async function readEvent(event: HistoryEvent, reader: PayloadReader): Promise<RunEvent | undefined> {
  const body = await bodyOf(event, reader);
  return body && { ...placeOf(event), ...body };
}

function placeOf({ eventId, eventTime, eventType }: HistoryEvent): EventPlace {
  const { seconds, nanos } = eventTime ?? {};
  return {
    key: [eventId, eventType, seconds, nanos].map(String).join(' '),
    eventId: Number(eventId),
    time: timeOf(eventTime),
  };
}

/** Epoch milliseconds. */
export const millisecondsOf = (time: HistoryEvent['eventTime']): number =>
  Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);

const timeOf = (time: HistoryEvent['eventTime']) => new Date(millisecondsOf(time)).toISOString();

async function bodyOf(event: HistoryEvent, reader: PayloadReader): Promise<RunEventBody | undefined> {
  const {
    workflowExecutionStartedEventAttributes: started,
    workflowTaskFailedEventAttributes: taskFailed,
    workflowExecutionSignaledEventAttributes: signaled,
    markerRecordedEventAttributes: marker,
    startChildWorkflowExecutionInitiatedEventAttributes: child,
    workflowExecutionCompletedEventAttributes: completed,
  } = event;
  if (started) return { kind: 'started', originalRunId: started.originalExecutionRunId ?? '' };
  if (taskFailed) {
    const isReset = Number(taskFailed.cause) === RESET_WORKFLOW && Boolean(taskFailed.baseRunId);
    return isReset ? { kind: 'reset', baseRunId: taskFailed.baseRunId ?? '' } : undefined;
  }
  if (signaled) {
    const name = signaled.signalName ?? '';
    if (!FORMER_SIGNALS.includes(name)) return undefined;
    return { kind: 'signal', name, payload: fieldsOf(await reader.received(signaled.input)) };
  }
  if (event.workflowExecutionCancelRequestedEventAttributes) return { kind: 'cancelRequested' };
  if (event.workflowTaskStartedEventAttributes) return { kind: 'taskStarted' };
  if (event.workflowTaskCompletedEventAttributes) return { kind: 'taskCompleted' };
  if (patchIn(event) === INPUT_REFUSED_PATCH) return { kind: 'inputRefused' };
  if (marker?.markerName === LOCAL_ACTIVITY) return localActivity(marker, placeOf(event).time, reader);
  if (child) {
    const sequence = sequenceIn(child.workflowId ?? '');
    return sequence === undefined ? undefined : { kind: 'notification', sequence };
  }
  if (completed) return { kind: 'completed', result: await reader.value(completed.result) };
  return (await updateBody(event, reader)) ?? (await activityBody(event, reader));
}

async function updateBody(event: HistoryEvent, reader: PayloadReader): Promise<RunEventBody | undefined> {
  const {
    workflowExecutionUpdateAdmittedEventAttributes: admitted,
    workflowExecutionUpdateAcceptedEventAttributes: accepted,
  } = event;
  const read = async (request: temporal.api.update.v1.IRequest): Promise<UpdateRequest> => ({
    name: request.input?.name ?? '',
    input: await reader.value(request.input?.args),
  });
  if (admitted?.request)
    return {
      kind: 'updateAdmitted',
      updateId: admitted.request.meta?.updateId ?? '',
      request: await read(admitted.request),
    };
  if (!accepted) return undefined;
  return {
    kind: 'updateAccepted',
    updateId: accepted.acceptedRequest?.meta?.updateId ?? accepted.protocolInstanceId ?? '',
    ...(accepted.acceptedRequest && { request: await read(accepted.acceptedRequest) }),
  };
}

async function activityBody(event: HistoryEvent, reader: PayloadReader): Promise<RunEventBody | undefined> {
  const {
    activityTaskScheduledEventAttributes: scheduled,
    activityTaskCompletedEventAttributes: completed,
    activityTaskFailedEventAttributes: failed,
    activityTaskTimedOutEventAttributes: timedOut,
    activityTaskCanceledEventAttributes: canceled,
  } = event;
  if (scheduled) {
    const type = knownActivity(scheduled.activityType?.name);
    return type && { kind: 'activityScheduled', type };
  }
  const ended = completed ?? failed ?? timedOut ?? canceled;
  if (!ended) return undefined;
  const place = { kind: 'activityEnded', scheduledEventId: Number(ended.scheduledEventId) } as const;
  if (completed) return { ...place, ...(await completion(completed.result, reader)) };
  if (canceled) return { ...place, end: 'cancelled' };
  const failure = await readFailure(failed?.failure ?? timedOut?.failure, reader);
  return { ...place, end: timedOut ? 'timedOut' : 'failed', failure };
}

const knownActivity = (name: unknown): FormerActivityType | undefined =>
  FORMER_ACTIVITIES.find((known) => known === name);

type Marker = temporal.api.history.v1.IMarkerRecordedEventAttributes;

/** Core writes what it knows of the local activity as JSON, which no codec encodes. */
async function localActivity(marker: Marker, time: string, reader: PayloadReader): Promise<RunEventBody | undefined> {
  const { details, failure } = marker;
  const type = knownActivity(coreData(details?.['data'])['activity_type']);
  if (type === undefined) return undefined;
  const end = failure
    ? { end: endOf(failure), failure: await readFailure(failure, reader) }
    : await completion(details?.['result'], reader);
  return { kind: 'localActivity', type, endTime: time, ...end };
}

function coreData(data: Payloads): Readonly<Record<string, unknown>> {
  const [payload] = data?.payloads ?? [];
  try {
    const read: unknown = JSON.parse(Buffer.from(payload?.data ?? []).toString('utf8'));
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}

/** The longest result that is kept, in characters of JSON. Those of this project's activities are far shorter. */
const LONGEST_RESULT = 800;

async function completion(payloads: Payloads, reader: PayloadReader): Promise<ActivityEnd> {
  const result = await reader.value(payloads);
  const isKept = isObject(result) && JSON.stringify(result).length <= LONGEST_RESULT;
  return { end: 'completed', ...(isKept && { result }) };
}

/** The longest text in a signal that is kept, in characters. A delivery ignores a longer eventId or sendTime. */
const LONGEST_FIELD = 128;

function fieldsOf(payload: unknown): FormerSignal['payload'] {
  if (!isObject(payload)) return {};
  const fields = SIGNAL_FIELDS.flatMap((field) => {
    const value = payload[field];
    const longest = field === 'eventId' ? MAX_EVENT_ID : LONGEST_FIELD;
    return typeof value === 'string' && value.length <= longest ? [[field, value]] : [];
  });
  return Object.fromEntries(fields) as FormerSignal['payload'];
}
