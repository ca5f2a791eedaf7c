import type { temporal } from '@temporalio/proto';
import { redactText } from '../observability/redact.js';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Where a history and this build's workflow code begin to differ. Holds nothing of a payload. */
export interface Divergence {
  /** The event's id. Several if the SDK says only of what kind it is; none if it does not even say that. */
  readonly events: readonly number[];
  /** What the history has, such as `ActivityTaskScheduled (sendSms)`. Undefined if the SDK does not say. */
  readonly history: string | undefined;
  /** What this build does instead, such as `schedules the activity revokeRcs`. */
  readonly build: string;
}

/**
 * Reads why a replay failed. Temporal's core says it only as text. That text is used for the wording alone, and one of an
 * unknown form is shown as it is.
 */
export function divergenceOf({ message }: Error, events: readonly HistoryEvent[]): Divergence {
  const text = coreText(message);
  return (
    otherKind(text, events) ??
    otherName(text, events) ??
    nothing(text, events) ?? { events: [], history: undefined, build: `fails: ${redactText(text.slice(0, LONGEST))}` }
  );
}

/** In characters. */
const LONGEST = 300;

/** Core's own message. The SDK's text has it inside of a failure in Rust's debug format. */
function coreText(message: string): string {
  const [, quoted = message] = /message: "((?:[^"\\]|\\.)*)", source/s.exec(message) ?? [];
  const [line = ''] = quoted.replaceAll('\\"', '"').split(/\\n|\n/);
  return line.replace(/^\[\w+\] /, '').replace(/^Nondeterminism error: /, '');
}

/** The build is about to do one thing, and the history has an event of another. */
function otherKind(text: string, events: readonly HistoryEvent[]): Divergence | undefined {
  const found = /([\w ]+?) ?machine (?:does not|cannot) handle (?:this event: )?HistoryEvent\(id: (\d+), (\w+)\)/i.exec(
    text,
  );
  if (!found) return undefined;
  const [, machine = '', id = '', type = ''] = found;
  const name = machine.trim();
  return { ...placeOf(id, type, events), build: DOES[name] ?? `does something else (${name.toLowerCase()})` };
}

/** By the names of core's state machines. */
const DOES: Readonly<Record<string, string>> = {
  Activity: 'schedules an activity',
  'Local activity': 'runs a local activity',
  Timer: 'starts a timer',
  'Child workflow': 'starts a child workflow',
  'Complete workflow': 'completes the workflow',
  'Fail workflow': 'fails the workflow',
  'Cancel workflow': 'ends the workflow as cancelled',
  UpsertWorkflowSearchAttributes: 'writes search attributes',
  ModifyWorkflowProperties: 'writes the current details or the memo',
  Change: 'asks for a patch',
  Update: 'answers an update',
};

/** Both have an activity or a child workflow, but of another type or with another id. Core does not say at which event. */
function otherName(text: string, events: readonly HistoryEvent[]): Divergence | undefined {
  const found = /(activity|child workflow) (?:id|type) of scheduled event '([^']*)'.*'([^']*)'/i.exec(text);
  if (!found) return undefined;
  const [, kind = '', has = '', does = ''] = found;
  const places = events.filter((event) => namesOf(event).includes(has)).map(({ eventId }) => Number(eventId));
  const isActivity = kind.toLowerCase() === 'activity';
  const type = isActivity ? 'ActivityTaskScheduled' : 'StartChildWorkflowExecutionInitiated';
  const verb = isActivity ? 'schedules the activity' : 'starts the child workflow';
  return { events: places, history: `${type} (${has})`, build: `${verb} ${does}` };
}

/** The history has an event for which the build does nothing. */
function nothing(text: string, events: readonly HistoryEvent[]): Divergence | undefined {
  const [, id = '', type = ''] = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(text) ?? [];
  return id === '' ? undefined : { ...placeOf(id, type, events), build: 'does nothing of this kind here' };
}

function placeOf(id: string, type: string, events: readonly HistoryEvent[]): Pick<Divergence, 'events' | 'history'> {
  const event = events.find(({ eventId }) => String(eventId) === id);
  const [name] = event === undefined ? [] : namesOf(event);
  return { events: [Number(id)], history: name === undefined ? type : `${type} (${name})` };
}

/** What an activity or a child workflow is called in the event with which it starts. */
function namesOf(event: HistoryEvent): string[] {
  const { activityTaskScheduledEventAttributes: activity, startChildWorkflowExecutionInitiatedEventAttributes: child } =
    event;
  const names = [activity?.activityType?.name, activity?.activityId, child?.workflowType?.name, child?.workflowId];
  return names.filter((name) => typeof name === 'string');
}
