import { expect, test } from 'vitest';
import type { SendAnswered } from '../../src/domain/evidence.js';
import { lastAnswers, needsAttention, settlementOf } from '../../src/domain/settlement.js';
import { deliveryOf, type Known } from './known.js';

const failed = (why: Pick<SendAnswered, 'reason' | 'notSent'>): Known => [
  1,
  { kind: 'sendAnswered', answer: 'failed', mayBeQueued: false, ...why },
];
const sms: Known[] = [
  [125, { kind: 'smsRequested' }],
  [125, { kind: 'smsAnswered', answer: 'accepted' }],
];

test.each([
  ['failed: not sent, no access token', { notSent: true, reason: 'no access token' }, true],
  ['failed: 429 RESOURCE_EXHAUSTED', { reason: '429 RESOURCE_EXHAUSTED' }, false],
])('whether a person should look at a delivery that RBM never accepted: %s', (send, why, expected) => {
  const delivery = deliveryOf([failed(why)]);
  expect(needsAttention(delivery, settlementOf(delivery, 'UNDELIVERABLE', 0))).toBe(expected);
  expect(lastAnswers(delivery)).toEqual({ send });
});

test.each([
  ['send', true],
  ['hold', false],
] as const)('whether an SMS can be too late under %s', (whenUncertain, expected) => {
  const delivery = deliveryOf(
    [[1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }], ...sms, [160, { kind: 'smsRequested' }]],
    { fallback: { sms: { text: 'x' }, whenUncertain }, ttl: '30s' },
  );
  expect(needsAttention(delivery, settlementOf(delivery, 'SENT_BY_SMS', 0))).toBe(expected);
});
