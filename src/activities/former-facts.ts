import { isObject } from '../contract/check.js';
import type { FormerActivity, FormerActivityType, FormerFact, FormerUpdate } from '../contract/former-run.js';
import { changeExpiryUpdate, revokeNowUpdate } from '../contract/messages.js';
import { OUTCOMES, type Outcome } from '../contract/status.js';
import type { RunEvent, UpdateRequest } from './run-histories.js';

/** A fact, and the key of the event that made it one. */
export interface KeyedFact {
  readonly key: string;
  readonly fact: FormerFact;
}

/** The facts in one run's history. */
export function factsIn(events: readonly RunEvent[]): readonly KeyedFact[] {
  const facts: KeyedFact[] = [];
  const open = new Map<number, Pick<RunEvent, 'key' | 'time'> & { readonly type: FormerActivityType }>();
  const admitted = new Map<string, UpdateRequest>();
  let taskStarted = '';
  for (const event of events) {
    const { key, time } = event;
    const add = (fact: FormerFact | undefined) => fact && facts.push({ key, fact });
    switch (event.kind) {
      case 'signal':
        add({ kind: 'signal', name: event.name, payload: event.payload, time });
        break;
      case 'updateAdmitted':
        admitted.set(event.updateId, event.request);
        break;
      case 'updateAccepted':
        add(updateOf(event.request ?? admitted.get(event.updateId), time));
        break;
      case 'cancelRequested':
        add({ kind: 'cancelRequested', time });
        break;
      case 'taskStarted':
        taskStarted = time;
        break;
      case 'activityScheduled':
        open.set(event.eventId, event);
        break;
      case 'activityEnded': {
        const scheduled = open.get(event.scheduledEventId);
        if (scheduled === undefined) break;
        open.delete(event.scheduledEventId);
        add(activity({ ...event, type: scheduled.type, local: false, scheduledTime: scheduled.time, endTime: time }));
        break;
      }
      case 'localActivity':
        add(activity({ ...event, local: true, scheduledTime: taskStarted === '' ? time : taskStarted }));
        break;
      case 'completed':
        add({ kind: 'completed', ...outcomeIn(event.result), time });
        break;
      case 'started':
      case 'taskCompleted':
      case 'inputRefused':
      case 'reset':
      case 'notification':
        break;
    }
  }
  // Not the key of the schedule event: this run has that too, but not what became of the request in the other one.
  const unanswered = [...open.values()].map(({ key, type, time }) => ({
    key: `open ${key}`,
    fact: activity({ type, local: false, scheduledTime: time, end: 'open' }),
  }));
  return [...facts, ...unanswered];
}

function activity(given: Omit<FormerActivity, 'kind'>): FormerActivity {
  const { type, local, scheduledTime, endTime, end, result, failure } = given;
  return {
    ...{ kind: 'activity', type, local, scheduledTime, end },
    ...(endTime !== undefined && { endTime }),
    ...(result !== undefined && { result }),
    ...(failure !== undefined && { failure }),
  };
}

/** Undefined for an update of another name. The run has validated the input. */
function updateOf(request: UpdateRequest | undefined, time: string): FormerUpdate | undefined {
  const { name, input } = request ?? {};
  if (!isObject(input)) return undefined;
  const { reason, fallback, expireTime } = input;
  if (name === revokeNowUpdate.name && typeof reason === 'string' && (fallback === 'sms' || fallback === 'none'))
    return { kind: 'update', name: 'revokeNow', input: { reason, fallback }, time };
  if (name === changeExpiryUpdate.name && typeof expireTime === 'string')
    return { kind: 'update', name: 'changeExpiry', input: { expireTime }, time };
  return undefined;
}

function outcomeIn(result: unknown): { readonly outcome?: Outcome } {
  const outcome = isObject(result) ? OUTCOMES.find((known) => known === result['outcome']) : undefined;
  return outcome === undefined ? {} : { outcome };
}
