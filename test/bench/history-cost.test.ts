import { describe, expect, test } from 'vitest';
import { costOf } from '../../bench/measure/history-cost.js';

type Event = Parameters<typeof costOf>[0][number];

const started: Event = { workflowExecutionStartedEventAttributes: {} };
const taskCompleted: Event = { workflowTaskCompletedEventAttributes: {} };
const marker = (markerName: string): Event => ({ markerRecordedEventAttributes: { markerName } });
const timer: Event = { timerStartedEventAttributes: {} };
const signal: Event = { workflowExecutionSignaledEventAttributes: {} };
const upsert: Event = { upsertWorkflowSearchAttributesEventAttributes: {} };
const child: Event = { startChildWorkflowExecutionInitiatedEventAttributes: {} };
const scheduled = (eventId: number): Event => ({ eventId: eventId as never, activityTaskScheduledEventAttributes: {} });
const activityStarted = (eventId: number, attempt: number): Event => ({
  activityTaskStartedEventAttributes: { scheduledEventId: eventId as never, attempt },
});

describe('actions', () => {
  const actions = (...events: Event[]) => costOf([started, ...events]).actions;

  test('the start is one', () => {
    expect(actions()).toBe(1);
  });
  test('a workflow task is none', () => {
    expect(actions({ workflowTaskScheduledEventAttributes: {} }, taskCompleted)).toBe(1);
  });
  test('a timer, a signal and an upsert are one each', () => {
    expect(actions(timer, signal, upsert)).toBe(4);
  });
  test('a local activity is one, another marker is none', () => {
    expect(actions(marker('core_local_activity'), marker('core_patch'))).toBe(2);
  });
  test('each attempt of an activity is one', () => {
    expect(actions(scheduled(5), activityStarted(5, 3))).toBe(4);
  });
  test('an activity that no worker has picked up is one', () => {
    expect(actions(scheduled(5), activityStarted(5, 1), scheduled(9))).toBe(3);
  });
  test('a child workflow is two', () => {
    expect(actions(child)).toBe(3);
  });
});

test('events and workflow tasks are counted', () => {
  expect(costOf([started, taskCompleted, timer, taskCompleted])).toMatchObject({ events: 4, workflowTasks: 2 });
});
