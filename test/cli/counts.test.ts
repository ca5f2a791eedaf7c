import { expect, test } from 'vitest';
import { renderCounts, type Counts } from '../../src/cli/counts.js';
import { FALLBACK_REASONS, LISTED_STATUSES } from '../../src/contract/status.js';

const zeros = <T extends string>(values: readonly T[]) =>
  Object.fromEntries(values.map((value) => [value, 0])) as Record<T, number>;
const nothing: Counts = {
  ...{ total: 0, withoutOutcome: 0, fellBack: 0, noSms: 0, unknown: 0 },
  ...{ byStatus: zeros(LISTED_STATUSES), byFallbackReason: zeros(FALLBACK_REASONS) },
};

test('answers how many fell back, and why, in one small table', () => {
  const counts: Counts = {
    ...{ total: 1_302, since: '2026-11-21T00:00:00.000Z', withoutOutcome: 2 },
    ...{ fellBack: 301, noSms: 1_001, unknown: 0 },
    byStatus: { ...nothing.byStatus, STARTED: 99, DELIVERED: 900, DELIVERED_BY_SMS: 301 },
    byFallbackReason: { ...nothing.byFallbackReason, unreachable: 300, unconfirmed: 1 },
  };
  expect(renderCounts(counts, { colour: false }).split('\n')).toEqual([
    '1,302 deliveries, started or closed since 2026-11-21T00:00:00Z',
    '301 of them fell back to SMS',
    '',
    'STATUS              COUNT',
    'STARTED                99',
    'DELIVERED             900',
    'DELIVERED_BY_SMS      301',
    'closed, no outcome      2',
    '',
    'SMS BECAUSE         COUNT',
    'unreachable           300  The phone is not reachable by RCS.',
    'unconfirmed             1  The revocation was not confirmed in time.',
    'no SMS              1,001',
  ]);
});

test('of nothing is one line', () => {
  expect(renderCounts(nothing, { colour: false })).toBe('0 deliveries');
});

test('deliveries from before FallbackReason are not said to have no SMS', () => {
  const counts: Counts = { ...nothing, total: 300, unknown: 200, noSms: 90, fellBack: 10 };
  const lines = renderCounts(counts, { colour: false }).split('\n');
  expect(lines[1]).toBe('at least 10 of them fell back to SMS');
  expect(lines.slice(-2)).toEqual([
    'no SMS          90',
    'not known      200  They started before FallbackReason was registered.',
  ]);
});
