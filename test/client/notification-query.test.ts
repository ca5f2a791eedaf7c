import { expect, test } from 'vitest';
import { notificationQuery, type NotificationFilter } from '../../src/client/notification-query.js';
import { notificationWorkflowIdFor, parseNotificationWorkflowId } from '../../src/contract/notification.js';

const CLOSED = "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')";

test.each<[NotificationFilter, string]>([
  [{ state: 'failed' }, CLOSED],
  [{ state: 'pending' }, "ExecutionStatus = 'Running'"],
  [{ state: 'failed', agentId: 'acme@rbm.goog' }, `${CLOSED} AND WorkflowId STARTS_WITH 'message-notification:acme:'`],
  [
    { state: 'failed', failedSince: new Date('2026-01-02T03:04:05Z') },
    `${CLOSED} AND CloseTime >= '2026-01-02T03:04:05.000Z'`,
  ],
])('%j', (filter, expected) => {
  expect(notificationQuery(filter)).toBe(`WorkflowType = 'messageNotification' AND ${expected}`);
});

test.each<[NotificationFilter, string]>([
  [{ state: 'failed', agentId: "acme' OR 'x" }, 'agentId'],
  [{ state: 'failed', failedSince: new Date('yesterday') }, 'failedSince'],
])('a wrong filter is refused: %j', (filter, field) => {
  expect(() => notificationQuery(filter)).toThrow(
    expect.objectContaining({ problems: [expect.objectContaining({ field })] }),
  );
});

test('the id of its workflow says which notification it is', () => {
  const messageId = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
  const id = notificationWorkflowIdFor(`acme:${messageId}:12:DELIVERED_BY_SMS`);
  const place = { agentId: 'acme', messageId, sequence: 12, status: 'DELIVERED_BY_SMS' };
  expect(parseNotificationWorkflowId(id)).toEqual(place);
  for (const other of [`message-delivery:acme:${messageId}`, `${id}:more`, id.replace('12', 'x'), '']) {
    expect(parseNotificationWorkflowId(other)).toBeUndefined();
  }
});
