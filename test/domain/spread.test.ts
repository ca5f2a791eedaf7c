import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { fractionOf } from '../../src/domain/fraction.js';
import { planFor } from '../../src/domain/plan.js';
import { deliveryOf, s, stepOf, type Known } from './known.js';

const MESSAGE: MessageDeliveryInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  ttl: '60s',
};
const PROMOTION = { messageTrafficType: 'PROMOTION' as const };
const delayOf = (given: Partial<MessageDeliveryInput>) => planFor({ ...MESSAGE, ...given }, 0).spreadDelay;

describe('the spread of revocations with one expiry', () => {
  test('promotions are spread over 15 s, and nothing else is', () => {
    const delays = Array.from({ length: 1_000 }, (_, index) => {
      const messageId = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      return delayOf({ ...PROMOTION, messageId });
    });
    // Each of fifteen seconds gets about a fifteenth, however alike the ids are.
    for (let second = 0; second < 15; second += 1) {
      const its = delays.filter((delay) => Math.floor(delay / 1_000) === second).length;
      expect(its).toBeGreaterThan(40);
      expect(its).toBeLessThan(100);
    }
    expect(delayOf({})).toBe(0);
    expect(delayOf({ messageTrafficType: 'AUTHENTICATION' })).toBe(0);
    expect(delayOf({ revocation: { spread: '10s' } })).toBeGreaterThan(0);
    expect(delayOf({ ...PROMOTION, revocation: { spread: '0s' } })).toBe(0);
  });

  test('the first DELETE and its grace stay within the budget, and the DELETE comes before RBM’s own revocation', () => {
    const seconds = (most: number) => fc.integer({ min: 1, max: most }).map((value) => `${String(value)}s`);
    fc.assert(
      fc.property(fc.uuid(), seconds(600), seconds(600), seconds(120), (messageId, spread, budget, deadMansSwitch) => {
        const given = { ...PROMOTION, messageId, revocation: { spread, budget, deadMansSwitch, grace: '1s' } };
        const plan = planFor({ ...MESSAGE, ...given }, 0);
        expect(plan.spreadDelay).toBeLessThanOrEqual(Math.max(0, plan.budget - plan.grace - 1_000));
        expect(plan.spreadDelay).toBeLessThan(plan.deadMansSwitch);
      }),
    );
  });

  test('a fraction is at least 0 and below 1', () => {
    fc.assert(fc.property(fc.string(), (text) => fractionOf(text) >= 0 && fractionOf(text) < 1));
  });
});

describe('a promotion at its expiry', () => {
  const given = { ...PROMOTION, revocation: { spread: '10s' } };
  const accepted: Known[] = [
    [0, { kind: 'sendStarted', how: 'normal', platformExpiresAt: s(120) }],
    [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }],
  ];
  const delivery = (known: Known[] = []) => deliveryOf([...accepted, ...known], given);
  const dueAt = s(60) + delivery().plan.spreadDelay;

  test('waits for its own moment in one wait from the start, and is still delivered by a late DELIVERED', () => {
    expect(delivery().plan.spreadDelay).toBeGreaterThan(0);
    expect(stepOf(delivery(), s(2))).toEqual({ do: 'wait', until: dueAt });
    expect(stepOf(delivery(), dueAt - 1)).toEqual({ do: 'wait', until: dueAt });
    expect(stepOf(delivery(), dueAt)).toMatchObject({ do: 'revoke' });
    const late: Known = [60, { kind: 'delivered', eventId: 'late', sendTime: '' }];
    expect(stepOf(delivery([late]), s(60))).toEqual({ do: 'settle', outcome: 'DELIVERED' });
  });

  test('does not wait for it when an operator revokes it or the person opts out', () => {
    const revoked: Known = [30, { kind: 'revokeRequested', reason: 'wrong price', fallback: 'none' }];
    expect(stepOf(delivery([revoked]), s(30))).toMatchObject({ do: 'revoke' });
    const optedOut: Known = [30, { kind: 'optedOut', source: 'rbm', sendTime: '' }];
    expect(stepOf(delivery([optedOut]), s(30))).toMatchObject({ do: 'revoke' });
  });
});
