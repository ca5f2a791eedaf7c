import { expect, test } from 'vitest';
import { lastAnswers, needsHuman, settlementOf } from '../../src/workflows/settlement.js';
import { deliveryOf, type Known } from '../domain/known.js';

const failed = (reason: string): Known => [1, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: false, reason }];
const sms: Known[] = [
  [125, { kind: 'smsRequested' }],
  [125, { kind: 'smsAnswered', answer: 'accepted' }],
];

test.each([
  ['not sent, no access token', true],
  ['429 RESOURCE_EXHAUSTED', false],
])('whether somebody must look at a delivery that never got to RBM: %s', (reason, expected) => {
  const delivery = deliveryOf([failed(reason)]);
  expect(needsHuman(delivery, settlementOf(delivery, 'UNDELIVERABLE'))).toBe(expected);
  expect(lastAnswers(delivery)).toEqual({ send: `failed: ${reason}` });
});

test.each([
  ['send', true],
  ['hold', false],
] as const)('whether an SMS can be too late under %s', (whenUncertain, expected) => {
  const delivery = deliveryOf(
    [[1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }], ...sms, [160, { kind: 'smsRequested' }]],
    { fallback: { sms: { text: 'x' }, whenUncertain }, ttl: '30s' },
  );
  expect(needsHuman(delivery, settlementOf(delivery, 'SENT_BY_SMS'))).toBe(expected);
});
