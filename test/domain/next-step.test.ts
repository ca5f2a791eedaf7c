import { expect, test } from 'vitest';
import { toTime } from '../../src/domain/plan.js';
import { statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { deliveryOf, s, type Known } from './known.js';

const accepted: Known = [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }];
const hold = { messageTrafficType: 'PROMOTION' as const };

/** So many DELETEs, five minutes apart, that RBM answered with an error. */
const failedDeletes = (count: number): Known[] =>
  Array.from({ length: count }, (_, n): Known[] => [
    [60 + n * 300, { kind: 'revokeStarted' }],
    [61 + n * 300, { kind: 'revokeAnswered', answer: 'failed' }],
  ]).flat();

test('under hold the next step is the next DELETE, not what RBM did long ago', () => {
  const delivery = deliveryOf([accepted, ...failedDeletes(10)], hold);
  const { next, phase } = statusOf(snapshotOf(delivery, s(61 + 9 * 300)));
  expect(phase).toBe('REVOKING');
  expect(next).toMatchObject({
    action: 'revoke',
    attempt: 11,
    givesUp: { action: 'UNCERTAIN', time: toTime(s(3_660)) },
  });
  expect(Date.parse(next?.time ?? '')).toBeGreaterThan(s(61 + 9 * 300));
});

test('with an SMS deadline the next step says when the SMS follows', () => {
  const { next } = statusOf(snapshotOf(deliveryOf([accepted, ...failedDeletes(1)]), s(61)));
  expect(next).toMatchObject({ action: 'revoke', attempt: 2, givesUp: { action: 'sendSms', time: toTime(s(90)) } });
});

test('after a cancellation an unconfirmed revocation ends as CANCELLED', () => {
  const cancelled: Known = [30, { kind: 'cancelRequested' }];
  const failed: Known[] = [
    [30, { kind: 'revokeStarted' }],
    [31, { kind: 'revokeAnswered', answer: 'failed' }],
  ];
  const { next } = statusOf(snapshotOf(deliveryOf([accepted, cancelled, ...failed]), s(31)));
  expect(next).toMatchObject({ action: 'revoke', attempt: 2, givesUp: { action: 'CANCELLED' } });
});

test('a wait that ends in another wait is no next step', () => {
  const until = (seconds: number, known: readonly Known[]) => statusOf(snapshotOf(deliveryOf(known), s(seconds))).next;
  const sms: Known[] = [
    ...failedDeletes(1),
    [90, { kind: 'smsRequested' }],
    [91, { kind: 'smsAnswered', answer: 'accepted', provider: 'http', providerMessageId: 'a' }],
  ];
  expect(until(1, [accepted])).toEqual({ action: 'revoke', time: toTime(s(60)) });
  expect(until(130, [accepted, ...sms])?.action).not.toBe('wait');
});

test('status says whether an SMS follows, and when RBM revokes the message by itself', () => {
  const shown = (known: readonly Known[], given = {}) => {
    const { smsFollows, platformExpireTime } = statusOf(snapshotOf(deliveryOf(known, given), s(31)));
    return { smsFollows, platformExpireTime };
  };
  const create: Known = [0, { kind: 'sendStarted', how: 'local', platformExpiresAt: s(120) }];
  expect(shown([create, accepted])).toEqual({ smsFollows: true, platformExpireTime: toTime(s(120)) });
  expect(shown([create, accepted, [30, { kind: 'cancelRequested' }]]).smsFollows).toBe(false);
  const none: Known = [30, { kind: 'revokeRequested', reason: 'x', fallback: 'none' }];
  expect(shown([create, accepted, none]).smsFollows).toBe(false);
  // RBM does not have it yet.
  expect(shown([create]).platformExpireTime).toBeUndefined();
});

test('status says that an SMS under hold needs a confirmed revocation', () => {
  const held = (given: object) => statusOf(snapshotOf(deliveryOf([accepted], given), s(31)));
  expect(held(hold)).toMatchObject({ smsFollows: true, smsNeedsConfirmation: true });
  expect(held({})).not.toHaveProperty('smsNeedsConfirmation');
  expect(held({ ...hold, fallback: undefined })).not.toHaveProperty('smsNeedsConfirmation');
});
