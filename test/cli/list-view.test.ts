import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderList } from '../../src/cli/list-view.js';
import type { DeliverySummary } from '../../src/index.js';

const now = Date.parse('2026-11-21T00:10:00.000Z');
const summary = (changes: Partial<DeliverySummary>): DeliverySummary => ({
  workflowId: 'message-delivery:acme:1',
  agentId: 'acme',
  messageId: '1',
  status: 'STARTED',
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
  const closeTime = '2026-11-21T00:09:50.000Z';
  const deliveries = [
    summary({}),
    summary(late),
    { ...untyped, closeTime },
    bare,
    summary({ executionStatus: 'TERMINATED' }),
  ];
  const plain = [
    'DELIVERY                 STATUS      TRAFFIC    EXPIRES  STARTED   ENDED',
    'message-delivery:acme:1  STARTED     PROMOTION  in 5m    1m 5s ago',
    'message-delivery:acme:1  REVOKING    PROMOTION  1m ago   1m 5s ago',
    'message-delivery:acme:1  DELIVERED                       1m 5s ago  10s ago',
    'message-delivery:acme:1  COMPLETED                       1m 5s ago',
    'message-delivery:acme:1  TERMINATED  PROMOTION           1m 5s ago',
  ].map((line, at) => (at === 0 ? line.replace('STARTED   ENDED', 'STARTED    ENDED') : line));
  expect(renderList({ deliveries, now, colour: false })).toEqual(plain);
  const coloured = renderList({ deliveries, now, colour: true });
  expect(coloured.join()).not.toBe(plain.join());
  expect(coloured.map(stripVTControlCharacters)).toEqual(plain);
});

test('says why an SMS was requested, if one was', () => {
  const fallback = { ...untyped, fallbackReason: 'unreachable', status: 'DELIVERED_BY_SMS' };
  const [head, ...lines] = renderList({ deliveries: [summary({}), fallback], now, colour: false });
  expect(head).toMatch(/^DELIVERY +STATUS +SMS BECAUSE +TRAFFIC +EXPIRES +STARTED +ENDED$/);
  expect(lines[1]).toMatch(/DELIVERED_BY_SMS +unreachable +1m 5s ago$/);
});

test('a narrow terminal leaves columns out and shortens ids to a beginning that tells them apart', () => {
  const messageId = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
  const one = summary({ workflowId: `message-delivery:acme:${messageId}`, messageId });
  const at = (columns?: number, deliveries = [one]) =>
    renderList({ deliveries, now, colour: false, ...(columns !== undefined && { columns }) });
  const last = (columns?: number) => at(columns).at(-1);
  const bareId = `acme:${messageId}`;
  expect(last()).toBe(last(150));
  expect(last(150)).toBe(`message-delivery:${bareId}  STARTED  PROMOTION  in 5m    1m 5s ago`);
  expect(last(90)).toBe(`${bareId}  STARTED  PROMOTION  in 5m    1m 5s ago`);
  expect(last(75)).toBe(`${bareId}  STARTED  in 5m    1m 5s ago`);
  expect(last(65)).toBe('acme:0b2f6d0e  STARTED  PROMOTION  in 5m    1m 5s ago');
  expect(last(45)).toBe('acme:0b2f6d0e  STARTED  in 5m    1m 5s ago');
  expect(last(40)).toBe('acme:0b2f6d0e  STARTED  in 5m');
  expect(last(10)).toBe('acme:0b2f6d0e  STARTED');
  const alike = [one, summary({ messageId: '0b2f6d0e-3d1f-4a57-9d8e-1f3f5a7b9c21' })];
  expect(
    at(45, alike)
      .slice(1)
      .map((line) => line.split(' ')[0]),
  ).toEqual(['acme:0b2f6d0e-3c', 'acme:0b2f6d0e-3d']);
  expect(
    at(45, [one, one])
      .slice(1)
      .map((line) => line.split(' ')[0]),
  ).toEqual(['acme:0b2f6d0e', 'acme:0b2f6d0e']);
  for (const columns of [40, 60, 80, 90, 120]) {
    expect(at(columns, alike).filter((line) => line.length > columns)).toEqual([]);
  }
});
