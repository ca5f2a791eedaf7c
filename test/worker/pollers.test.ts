import { expect, test } from 'vitest';
import { autoscalingPollers } from '../../src/worker/pollers.js';

test.each([
  { maxPollers: 100, least: 10 },
  { maxPollers: 2, least: 2 },
])('a queue keeps $least polls in a quiet minute, of $maxPollers at most', ({ maxPollers, least }) => {
  const behavior = { type: 'autoscaling', minimum: least, initial: least, maximum: maxPollers };
  expect(autoscalingPollers({ maxPollers })).toEqual({
    workflowTaskPollerBehavior: behavior,
    activityTaskPollerBehavior: behavior,
  });
});
