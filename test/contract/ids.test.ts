import { expect, test } from 'vitest';
import { durationToMs, msToDuration } from '../../src/contract/duration.js';
import { parseWorkflowId, workflowIdFor } from '../../src/contract/ids.js';

const messageId = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';

test('a workflow id leads back to its delivery', () => {
  const id = workflowIdFor({ agentId: 'acme@rbm.goog', messageId: messageId.toUpperCase() });
  expect(id).toBe(`message-delivery:acme:${messageId}`);
  expect(parseWorkflowId(id)).toEqual({ agentId: 'acme', messageId });
});

test.each(['', 'message-delivery:acme', `other:acme:${messageId}`, `message-delivery:a:b:${messageId}`])(
  '%j is not the id of a delivery',
  (id) => {
    expect(parseWorkflowId(id)).toBeUndefined();
  },
);

test.each([
  ['600s', 600_000],
  ['1.5s', 1_500],
  ['0.0001s', 1],
])('%s is %d ms', (duration, ms) => {
  expect(durationToMs(duration)).toBe(ms);
});

test.each(['', '5', '5 s', '05s', '-1s', '1e3s', '5S', '.5s'])('%j is no duration', (text) => {
  expect(() => durationToMs(text)).toThrow(RangeError);
});

test('milliseconds become a duration', () => {
  expect(msToDuration(1_500)).toBe('1.5s');
});
