import { expect, test } from 'vitest';
import { divergenceOf, type HistoryEvent } from '../../src/worker/divergence.js';

const activity = (eventId: number, name: string): HistoryEvent =>
  ({ eventId, activityTaskScheduledEventAttributes: { activityType: { name } } }) as unknown as HistoryEvent;
const events = [activity(11, 'revokeRcs'), activity(22, 'sendSms'), activity(31, 'sendSms')];

/** As the SDK words it: core's text inside of a failure in Rust's debug format. */
const failure = (text: string) =>
  new Error(
    'Replay failed with a nondeterminism error. This means that the workflow code as written is not compatible with ' +
      'the history that was fed in. Details: Workflow activation completion failed: Failure { failure: Some(Failure ' +
      `{ message: "${text}", source: "", stack_trace: "", encoded_attributes: None, cause: None }), force_cause: 1 }`,
  );

test.each([
  [
    '[TMPRL1100] Nondeterminism error: Timer machine does not handle this event: HistoryEvent(id: 11, ActivityTaskScheduled)',
    { events: [11], history: 'ActivityTaskScheduled (revokeRcs)', build: 'starts a timer' },
  ],
  [
    '[TMPRL1100] Nondeterminism error: Local activity machine cannot handle this event: HistoryEvent(id: 5, TimerStarted)',
    { events: [5], history: 'TimerStarted', build: 'runs a local activity' },
  ],
  [
    '[TMPRL1100] Nondeterminism error: UpsertWorkflowSearchAttributesMachine does not handle HistoryEvent(id: 5, TimerStarted)',
    { events: [5], history: 'TimerStarted', build: 'writes search attributes' },
  ],
  [
    '[TMPRL1100] Nondeterminism error: Brandnew machine does not handle this event: HistoryEvent(id: 5, TimerStarted)',
    { events: [5], history: 'TimerStarted', build: 'does something else (brandnew)' },
  ],
  [
    "[TMPRL1100] Nondeterminism error: Activity type of scheduled event 'sendSms' does not match activity type of activity command 'revokeRcs'",
    { events: [22, 31], history: 'ActivityTaskScheduled (sendSms)', build: 'schedules the activity revokeRcs' },
  ],
  [
    "[TMPRL1100] Nondeterminism error: Child workflow type of scheduled event 'x' does not match child workflow type of command 'y'",
    { events: [], history: 'StartChildWorkflowExecutionInitiated (x)', build: 'starts the child workflow y' },
  ],
  [
    '[TMPRL1100] Nondeterminism error: No command scheduled for event HistoryEvent(id: 22, ActivityTaskScheduled)',
    { events: [22], history: 'ActivityTaskScheduled (sendSms)', build: 'does nothing of this kind here' },
  ],
  [
    'Cannot read properties of undefined, for +15550100001\\n    at somewhere',
    { events: [], history: undefined, build: 'fails: Cannot read properties of undefined, for [redacted]' },
  ],
])('%s', (text, divergence) => {
  expect(divergenceOf(failure(text), events)).toEqual(divergence);
});

test('a text of an unknown form is shown as it is', () => {
  expect(divergenceOf(new Error('took too long'), events)).toMatchObject({ build: 'fails: took too long' });
});
