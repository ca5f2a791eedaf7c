import { expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.js';
import type { Evidence } from '../../src/domain/evidence.js';
import { withFormer } from '../../src/domain/former-evidence.js';
import { deliveryOf, s, type Known } from './known.js';

/*
 * A reset run gets events before it has looked back. What it then learns of the run before is older than those.
 */

const reset: readonly Known[] = [
  [100, { kind: 'resetNoticed' }],
  [100, { kind: 'lookBackStarted' }],
];
const former: readonly Evidence[] = [
  { at: s(0), kind: 'sendStarted', how: 'local', platformExpiresAt: s(120) },
  { at: s(1), kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true },
  { at: s(60), kind: 'revokeStarted' },
  { at: s(60), kind: 'revokeAnswered', answer: 'revoked' },
  { at: s(65), kind: 'smsRequested' },
  { at: s(66), kind: 'smsAnswered', answer: 'accepted' },
];
const lookedBack = { kind: 'lookedBack', found: 'evidence', runId: 'run-2', notifications: 0 } as const;
const settledAfter = (own: readonly Known[], learned: readonly Evidence[]) => {
  const delivery = withFormer(deliveryOf([...reset, ...own]), learned);
  const all = deliveryOf([
    ...delivery.evidence.map(({ at, ...item }) => [(at - s(0)) / 1000, item] as const),
    [102, lookedBack],
  ]);
  return decide(all.facts, all.plan, s(103));
};

test('a receipt that comes before the SMS request is known counts', () => {
  const receipt: Known = [101, { kind: 'smsStatus', status: 'DELIVERED', eventId: 'r', sendTime: '' }];
  expect(settledAfter([receipt], former)).toEqual({ outcome: 'DELIVERED_BY_SMS' });
});

test('an expiry that was changed meanwhile counts, not the one of the run before', () => {
  const changed: Known = [101, { kind: 'expiryChanged', expiresAt: s(900) }];
  const before: Evidence = { at: s(30), kind: 'expiryChanged', expiresAt: s(90) };
  expect(settledAfter([changed], [...former.slice(0, 2), before])).toMatchObject({
    step: { do: 'wait', until: s(900) },
  });
});

test('an event that both runs got is one', () => {
  const delivered = { kind: 'delivered', eventId: 'd', sendTime: '' } as const;
  const { evidence } = withFormer(deliveryOf([...reset, [101, delivered]]), [{ at: s(50), ...delivered }]);
  expect(evidence.filter(({ kind }) => kind === 'delivered')).toHaveLength(1);
});

test('what an earlier look-back has found counts once: two denials are not four, which would be final', () => {
  const denied = { kind: 'sendAnswered', answer: 'denied', mayBeQueued: false } as const;
  const started = { kind: 'sendStarted', how: 'normal', platformExpiresAt: s(120) } as const;
  const denials: Evidence[] = [10, 20].flatMap((at) => [
    { at: s(at), ...started },
    { at: s(at + 1), ...denied },
  ]);
  const once = withFormer(deliveryOf(reset), denials);
  const twice = withFormer(once, denials);
  expect(twice.evidence).toEqual(once.evidence);
  expect(twice.facts.rcs.createAnswers).toMatchObject({ total: 2, denied: 2 });
});

test('what this run has learned itself is another answer, even if it came in the same millisecond (G1)', () => {
  const started = { kind: 'sendStarted', how: 'normal', platformExpiresAt: s(120) } as const;
  const failed = { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true } as const;
  const { facts } = withFormer(deliveryOf([[0, started], [10, failed], ...reset]), [
    { at: s(10), ...started },
    { at: s(10), ...failed },
  ]);
  expect(facts.rcs.create).toBe('ended');
  expect(facts.rcs.createAnswers).toMatchObject({ total: 2 });
});
