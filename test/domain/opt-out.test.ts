import { describe, expect, test } from 'vitest';
import { endOf, heard, openRecord, optOutStatusOf, type OptOutRecord } from '../../src/domain/opt-out.js';
import { afterSweep, nextSweepAt, startSweeps } from '../../src/domain/opt-out-sweeps.js';

const NOW = Date.parse('2026-01-02T12:00:00Z');
const at = (minute: number) => `2026-01-02T11:${String(minute).padStart(2, '0')}:00Z`;

type Said = readonly [said: 'optOut' | 'optIn', minute: number, eventId?: string];
const after = (...all: readonly Said[]): OptOutRecord =>
  all.reduce(
    (record, [said, minute, eventId]) =>
      heard(record, said, { source: 'rbm', sendTime: at(minute), ...(eventId !== undefined && { eventId }) }, NOW),
    openRecord(NOW),
  );

describe('whether the person is opted out', () => {
  test.each<[string, readonly Said[], string | null]>([
    ['nothing valid was said, but the workflow runs', [], null],
    ['opted out', [['optOut', 10]], null],
    ['opted in again', [['optOut', 10], ['optIn', 11]], at(11)], // oxfmt-ignore
    [
      'an old opt-in that comes late',
      [
        ['optOut', 10],
        ['optIn', 9],
      ],
      null,
    ],
    [
      'at the same time',
      [
        ['optOut', 10],
        ['optIn', 10],
      ],
      null,
    ],
    [
      'opted out, in, and out again',
      [
        ['optOut', 10],
        ['optIn', 11],
        ['optOut', 12],
      ],
      null,
    ],
    [
      'the same in another order',
      [
        ['optOut', 12],
        ['optOut', 10],
        ['optIn', 11],
      ],
      null,
    ],
    [
      'an old opt-out after the opt-in',
      [
        ['optOut', 10],
        ['optIn', 12],
        ['optOut', 11],
      ],
      at(12),
    ],
    [
      'a repeated opt-in of an earlier time',
      [
        ['optOut', 10],
        ['optIn', 9, 'a'],
        ['optIn', 9, 'a'],
      ],
      null,
    ],
  ])('%s', (_, said, until) => {
    expect(endOf(after(...said))).toBe(until === null ? null : Date.parse(until));
  });

  test('an opt-out from the future counts as of now, so that an opt-in can end it', () => {
    const entry = { source: 'rbm', sendTime: '2099-01-01T00:00:00Z' };
    const record = heard(openRecord(NOW), 'optOut', entry, NOW);
    const sendTime = new Date(NOW + 1_000).toISOString();
    expect(endOf(heard(record, 'optIn', { source: 'operator', sendTime }, NOW + 2_000))).toBe(NOW + 1_000);
  });
});

test('a repetition changes nothing, and both kinds may share an eventId', () => {
  const record = after(['optOut', 10, 'event-1']);
  const again = { source: 'rbm', sendTime: at(10), eventId: 'event-1' };
  expect(heard(record, 'optOut', again, NOW)).toBe(record);
  expect(heard(record, 'optIn', again, NOW)).not.toBe(record);
});

test('the status shows since when, and the latest hundred entries', () => {
  const record = after(...Array.from({ length: 130 }, (_, n): Said => ['optOut', Math.min(59, 20 + n), String(n)]), [
    'optOut',
    5,
  ]);
  const { since, until, entries } = optOutStatusOf(record);
  expect({ since, until }).toEqual({ since: '2026-01-02T11:05:00.000Z', until: null });
  expect(entries).toHaveLength(100);
  expect(entries.at(-1)).toEqual({ said: 'optOut', source: 'rbm', sendTime: at(5) });
  expect(entries[0]).toMatchObject({ eventId: '31' });
});

describe('the sweeps', () => {
  test('come at once, after 5 s, 30 s and 5 min', () => {
    const times: number[] = [];
    let sweeps = startSweeps(NOW);
    for (let due = nextSweepAt(sweeps); due !== null; due = nextSweepAt(sweeps)) {
      times.push(due - NOW);
      sweeps = afterSweep(sweeps, due);
    }
    expect(times).toEqual([0, 5_000, 30_000, 300_000]);
  });

  test('a late one stands for all that were due', () => {
    expect(nextSweepAt(afterSweep(startSweeps(NOW), NOW + 60_000))).toBe(NOW + 300_000);
    expect(nextSweepAt(afterSweep(startSweeps(NOW), NOW + 600_000))).toBeNull();
  });

  test('start again after another opt-out, but not while the first two are to come', () => {
    const [first] = [startSweeps(NOW)];
    const second = afterSweep(first, NOW);
    expect(startSweeps(NOW + 1_000, second)).toBe(second);
    const third = afterSweep(second, NOW + 5_000);
    expect(nextSweepAt(startSweeps(NOW + 6_000, third))).toBe(NOW + 6_000);
  });
});
