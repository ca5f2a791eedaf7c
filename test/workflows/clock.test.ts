import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { planFor } from '../../src/domain/plan.js';
import type { Finding } from '../../src/domain/evidence.js';
import { createClock } from '../../src/workflows/clock.js';
import { openJournal } from '../../src/workflows/journal.js';

const START = Date.parse('2026-01-02T03:04:05Z');
const delivered: Finding = { kind: 'delivered', eventId: 'e', sendTime: '' };

beforeEach(() => {
  vi.useFakeTimers({ now: START + 4_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const clock = createClock(START);
  const plan = planFor(
    {
      agentId: 'acme-agent',
      messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
      recipient: '+15550100001',
      contentMessage: { text: 'x' },
      ttl: '600s',
    },
    START,
  );
  return { clock, journal: openJournal(plan, clock) };
}
const at = (ms: number) => new Date(START + ms).toISOString();

describe('the clock of a delivery', () => {
  test('runs at once where nothing is sent: what was there at the start was seen now', () => {
    const { clock, journal } = open();
    journal.learn(delivered);
    clock.startNow();
    journal.seenNow();
    expect(clock.now()).toBe(START + 4_000);
    expect(journal.delivery.evidence).toEqual([{ ...delivered, at: START + 4_000 }]);
    expect(journal.delivery.facts.rcs.provedAt).toBe(START + 4_000);
  });

  test('stands at the start while the local attempt is under way, whatever events come', () => {
    const { clock, journal } = open();
    clock.eventCame();
    journal.learn(delivered);
    expect(clock.now()).toBe(START);
    expect(journal.delivery.evidence).toEqual([{ at: START, ...delivered }]);
  });

  test('stands at the time that the attempt reports, until the next event', () => {
    const { clock } = open();
    clock.localAttemptEnded(at(1_500));
    vi.setSystemTime(START + 60_000);
    expect(clock.now()).toBe(START + 1_500);
    clock.eventCame();
    expect(clock.now()).toBe(START + 60_000);
  });

  test('never goes back before the start, even if the worker’s clock is behind', () => {
    const { clock } = open();
    clock.localAttemptEnded(at(-3_600_000));
    expect(clock.now()).toBe(START);
  });

  test.each([undefined, 'no time'])('is Temporal’s after an attempt that reports no time: %s', (answeredTime) => {
    const { clock } = open();
    clock.localAttemptEnded(answeredTime);
    expect(clock.now()).toBe(START + 4_000);
  });

  test('runs from the first event on where there is no local attempt', () => {
    const { clock } = open();
    clock.startAtNextEvent();
    expect(clock.now()).toBe(START);
    clock.eventCame();
    expect(clock.now()).toBe(START + 4_000);
  });
});

describe('the journal', () => {
  test('runs the decider once for each new piece of evidence or time', () => {
    const { clock, journal } = open();
    const first = journal.snapshot();
    expect(journal.snapshot()).toBe(first);
    journal.learn(delivered);
    const second = journal.snapshot();
    expect(second.decision).toEqual({ outcome: 'DELIVERED' });
    expect(journal.snapshot()).toBe(second);
    clock.startNow();
    expect(journal.snapshot()).not.toBe(second);
  });
});
