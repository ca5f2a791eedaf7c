import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { planFor } from '../../src/domain/plan.js';
import type { Finding } from '../../src/domain/evidence.js';
import { openJournal } from '../../src/workflows/journal.js';

const START = Date.parse('2026-01-02T03:04:05Z');
const accepted: Finding = { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true };
const delivered: Finding = { kind: 'delivered', eventId: 'e', sendTime: '' };

beforeEach(() => {
  vi.useFakeTimers({ now: START + 4_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const open = () =>
  openJournal(
    planFor(
      {
        agentId: 'acme-agent',
        messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
        recipient: '+15550100001',
        contentMessage: { text: 'x' },
        ttl: '600s',
      },
      START,
    ),
  );
const at = (ms: number) => new Date(START + ms).toISOString();

describe('the clock of a delivery', () => {
  test('runs at once where nothing is sent: what was there at the start was seen now', () => {
    const journal = open();
    journal.record(delivered);
    journal.beginWithoutAttempt();
    expect(journal.now()).toBe(START + 4_000);
    expect(journal.delivery.evidence).toEqual([{ ...delivered, at: START + 4_000 }]);
  });

  test('stands at the start while the local attempt is under way, whatever comes', () => {
    const journal = open();
    journal.wake();
    journal.record(delivered);
    expect(journal.now()).toBe(START);
    expect(journal.delivery.evidence).toEqual([{ at: START, ...delivered }]);
  });

  test('stands at the time that the attempt tells, until the next event', () => {
    const journal = open();
    journal.recordLocalAttempt(accepted, at(1_500));
    expect(journal.delivery.evidence).toEqual([{ at: START + 1_500, ...accepted }]);
    vi.setSystemTime(START + 60_000);
    expect(journal.now()).toBe(START + 1_500);
    journal.wake();
    expect(journal.now()).toBe(START + 60_000);
  });

  test('never goes back before the start, though the clock of the worker may be behind', () => {
    const journal = open();
    journal.recordLocalAttempt(accepted, at(-3_600_000));
    expect(journal.now()).toBe(START);
  });

  test.each([undefined, 'no time'])('is Temporal’s after an attempt that tells no time: %s', (told) => {
    const journal = open();
    journal.recordLocalAttempt({ ...accepted, answer: 'failed' }, told);
    expect(journal.now()).toBe(START + 4_000);
  });

  test('runs from the first event on where there is no local attempt', () => {
    const journal = open();
    journal.startClock();
    expect(journal.now()).toBe(START);
    journal.wake();
    expect(journal.now()).toBe(START + 4_000);
  });
});
