import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderList } from '../../src/cli/list-view.js';
import type { DeliverySummary } from '../../src/index.js';

const now = Date.parse('2026-11-21T00:10:00.000Z');
const summary = (changes: Partial<DeliverySummary>): DeliverySummary => ({
  workflowId: 'message-delivery:acme:1',
  agentId: 'acme',
  messageId: '1',
  status: 'AWAITING_DELIVERY',
  executionStatus: 'RUNNING',
  messageTrafficType: 'PROMOTION',
  expireTime: '2026-11-21T00:15:00.000Z',
  startTime: '2026-11-21T00:08:55.000Z',
  ...changes,
});
const { messageTrafficType, ...untyped } = summary({ status: 'DELIVERED', executionStatus: 'COMPLETED' });
const { status, expireTime, ...bare } = untyped;

test('a list is a table; a closed delivery has no expiry, and one without an outcome shows how it closed', () => {
  expect(messageTrafficType ?? status ?? expireTime).toBeDefined();
  const late = { expireTime: '2026-11-21T00:09:00.000Z', status: 'REVOKING' };
  const deliveries = [summary({}), summary(late), untyped, bare, summary({ executionStatus: 'TERMINATED' })];
  const plain = [
    'DELIVERY                 STATUS             TRAFFIC    EXPIRES  STARTED',
    'message-delivery:acme:1  AWAITING_DELIVERY  PROMOTION  in 5m    1m 5s ago',
    'message-delivery:acme:1  REVOKING           PROMOTION  1m ago   1m 5s ago',
    'message-delivery:acme:1  DELIVERED                              1m 5s ago',
    'message-delivery:acme:1  COMPLETED                              1m 5s ago',
    'message-delivery:acme:1  TERMINATED         PROMOTION           1m 5s ago',
  ];
  expect(renderList({ deliveries, now, colour: false })).toEqual(plain);
  const coloured = renderList({ deliveries, now, colour: true });
  expect(coloured.join()).not.toBe(plain.join());
  expect(coloured.map(stripVTControlCharacters)).toEqual(plain);
});

test('a narrow terminal keeps the status and the expiry', () => {
  const messageId = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
  const one = summary({ workflowId: `message-delivery:acme:${messageId}`, messageId });
  const at = (columns?: number) =>
    renderList({ deliveries: [one], now, colour: false, ...(columns !== undefined && { columns }) }).at(-1);
  const short = `acme:${messageId}`;
  expect(at()).toBe(at(150));
  expect(at(150)).toBe(`message-delivery:${short}  AWAITING_DELIVERY  PROMOTION  in 5m    1m 5s ago`);
  expect(at(100)).toBe(`${short}  AWAITING_DELIVERY  PROMOTION  in 5m    1m 5s ago`);
  expect(at(80)).toBe(`${short}  AWAITING_DELIVERY  in 5m    1m 5s ago`);
  expect(at(79)).toBe(`${short}  AWAITING_DELIVERY  in 5m`);
  expect(at(60)).toBe('acme:0b2f6d0e-3c…8e-1f3f5a7b9c21  AWAITING_DELIVERY  in 5m');
  expect(at(10)).toMatch(/^acme:0….{5} +AWAITING_DELIVERY +in 5m$/);
});
