import { expect, test } from 'vitest';
import { TemporalUnavailableError, type FailedNotification, type PendingNotification } from '../../src/index.js';
import type { Access } from '../../src/cli/client-access.js';
import { notificationLines, unacceptedOf } from '../../src/cli/notification-view.js';
import { testTerminal } from './test-terminal.js';

const [agentId, messageId] = ['acme', '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21'];
const base = {
  ...{ agentId, messageId, sequence: 2, status: 'DELIVERED_BY_SMS', startTime: '2026-01-02T03:00:00.000Z' },
  workflowId: `message-notification:${agentId}:${messageId}:2:DELIVERED_BY_SMS`,
  delivery: `message-delivery:${agentId}:${messageId}`,
};
const lastFailure = { type: 'NotifyFailed', httpStatus: 503, message: 'the notify.url answered 503' };
const pending: PendingNotification = { ...base, state: 'pending', failedAttempts: 0 };
const failed: FailedNotification = {
  ...{ ...base, state: 'failed', executionStatus: 'FAILED', lastFailure },
  failedTime: '2026-01-05T02:59:59.000Z',
};
const lines = (one: PendingNotification | FailedNotification, columns = Infinity) =>
  notificationLines(one, { now: Date.parse('2026-01-02T03:10:00Z'), colour: false, columns });
const AGAIN = `  send it again with: rcs-delivery notify-again ${agentId}:${messageId}`;

test.each<[string, PendingNotification | FailedNotification, string[]]>([
  [
    'retried',
    {
      ...{ ...pending, failedAttempts: 6, lastFailure },
      ...{ nextAttemptTime: '2026-01-02T03:15:00.000Z', givenUpTime: '2026-01-05T03:00:00.000Z' },
    },
    [
      'notification 2 (DELIVERED_BY_SMS): not accepted yet: 6 attempts failed, last answer 503',
      '  next try at 2026-01-02T03:15:00Z (in 5m), given up at 2026-01-05T03:00:00Z',
    ],
  ],
  [
    'in an attempt after one that got no answer',
    { ...pending, failedAttempts: 1, lastFailure: { type: 'NotifyFailed', message: 'no answer: ECONNREFUSED' } },
    ['notification 2 (DELIVERED_BY_SMS): not accepted yet: 1 attempt failed, no answer: ECONNREFUSED', '  trying now'],
  ],
  ['new', pending, ['notification 2 (DELIVERED_BY_SMS): being sent since 2026-01-02T03:00:00Z (10m ago)']],
  [
    'given up',
    failed,
    ['notification 2 (DELIVERED_BY_SMS): failed at 2026-01-05T02:59:59Z after 2d 23h: last answer 503', AGAIN],
  ],
  [
    'refused at once',
    { ...failed, failedTime: '2026-01-02T03:00:00.100Z' },
    ['notification 2 (DELIVERED_BY_SMS): failed at 2026-01-02T03:00:00Z: last answer 503', AGAIN],
  ],
  [
    'given up without a worker',
    { ...failed, lastFailure: { type: 'Timeout' } },
    [
      'notification 2 (DELIVERED_BY_SMS): failed at 2026-01-05T02:59:59Z after 2d 23h: ' +
        'its time was over while it waited for a worker, or for its next try',
      AGAIN,
    ],
  ],
  [
    'failed with an error whose text may hold anything',
    { ...failed, lastFailure: { type: 'TypeError' } },
    ['notification 2 (DELIVERED_BY_SMS): failed at 2026-01-05T02:59:59Z after 2d 23h: last error TypeError', AGAIN],
  ],
])('a notification that is %s', (_, one, expected) => {
  expect(lines(one)).toEqual(expected);
});

test('one that somebody terminated names that, and nothing that the receiver had answered', () => {
  const { lastFailure: none, ...terminated } = { ...failed, executionStatus: 'TERMINATED' };
  expect(none).toBeDefined();
  expect(lines(terminated)).toEqual([
    'notification 2 (DELIVERED_BY_SMS): ended as TERMINATED at 2026-01-05T02:59:59Z after 2d 23h',
    AGAIN,
  ]);
});

test('a status is shown without its notifications if Temporal does not say which there are', async () => {
  const { terminal, printed } = testTerminal();
  const refuse = () => Promise.reject(new TemporalUnavailableError('no connection'));
  const access = { terminal, deliveries: { notifications: { unaccepted: refuse } } } as unknown as Access;
  expect(await unacceptedOf(access, { agentId, messageId })).toBeUndefined();
  expect(printed.stderr()).toBe(
    'note: whether its notifications were accepted is unknown: Temporal is not available (no connection)\n',
  );
});

test('the lines fit into a terminal, except for what is pasted', () => {
  const timedOut = { ...failed, lastFailure: { type: 'Timeout' } };
  const long = lines(timedOut, 80).filter((line) => line.length > 80);
  expect(long).toEqual([]);
  expect(lines(timedOut, 80).length).toBeGreaterThan(lines(timedOut).length);
});
