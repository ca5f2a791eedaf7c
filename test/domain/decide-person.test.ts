import { describe, expect, test } from 'vitest';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { RevokeAnswer, SendAnswer, SmsAnswer } from '../../src/domain/evidence.js';
import { isFromAnotherNumber } from '../../src/contract/another-number.js';
import { isNewEvidence } from '../../src/domain/new-evidence.js';
import { resultOf, statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { deliveryOf, s, stepOf, type Known } from './known.js';

/*
 * In time, still of use, only if wanted, from the right phone (G5, G11, G12). An AUTHENTICATION that expires at 60 s: RBM
 * has 20 s to accept it, and its SMS is of use for 600 s.
 */

type Input = Partial<MessageDeliveryInput>;
const at = (seconds: number, known: readonly Known[], given?: Input) => stepOf(deliveryOf(known, given), s(seconds));
const until = (seconds: number) => ({ do: 'wait', until: s(seconds) });
const settle = (outcome: string) => ({ do: 'settle', outcome });

const sending: Known = [0, { kind: 'sendStarted', how: 'local', platformExpiresAt: s(120) }];
const created = (answer: SendAnswer, mayBeQueued: boolean, more: object = {}): Known[] => [
  sending,
  [1, { kind: 'sendAnswered', answer, mayBeQueued, ...more }],
];
const accepted = created('accepted', true);
const gaveUp: Known = [20, { kind: 'notAcceptedInTime', due: s(20) }];
const revoked = (seconds: number, answer: RevokeAnswer): Known[] => [
  [seconds, { kind: 'revokeStarted' }],
  [seconds, { kind: 'revokeAnswered', answer }],
];
const sms = (seconds: number, answer: SmsAnswer, more: object = {}): Known[] => [
  [seconds, { kind: 'smsRequested' }],
  [seconds, { kind: 'smsAnswered', answer, ...more }],
];
const optedOut = (seconds: number): Known => [seconds, { kind: 'optedOut', source: 'rbm', sendTime: '' }];
const PROMOTION: Input = { messageTrafficType: 'PROMOTION' };

describe('RBM accepts nothing (G5)', () => {
  test('after acceptanceTimeout nothing more is created, and the SMS follows at once if RBM never had the message', () => {
    const busy = created('failed', false);
    expect(at(19, busy)).toMatchObject({ do: 'send', until: s(20) });
    expect(at(20, busy)).toEqual({ do: 'giveUpAcceptance', due: s(20) });
    expect(at(20, [...busy, gaveUp])).toEqual({ do: 'sendSms' });
  });

  test('a message that may be queued is revoked first', () => {
    expect(at(20, [...created('failed', true), gaveUp])).toMatchObject({ do: 'revoke' });
    expect(at(20, [sending, gaveUp])).toEqual({ do: 'stopSending' });
    const tried = [...created('failed', true), gaveUp, ...revoked(20, 'failed')];
    expect(at(49, [...tried, ...revoked(48, 'failed')])).toEqual(until(50));
    expect(at(50, [...tried, ...revoked(48, 'failed')])).toEqual({ do: 'sendSms' });
  });

  test('an acceptance that came late, but before it was given up, counts', () => {
    expect(at(25, [sending, [25, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }]])).toEqual(until(60));
  });

  test('without a fallback the delivery goes on creating, unless the caller wants to know', () => {
    const alone = { fallback: undefined } as unknown as Input;
    expect(at(30, created('failed', false), alone)).toMatchObject({ do: 'send', until: s(60) });
    expect(at(30, created('failed', false), { ...alone, acceptanceTimeout: '5s' })).toMatchObject({ due: s(5) });
  });

  test('an offer waits until its expiry', () => {
    expect(at(30, created('failed', false), PROMOTION)).toMatchObject({ do: 'send', until: s(60) });
  });

  test('the reason is reported, and the lateness of the SMS counts from that moment', () => {
    const delivery = deliveryOf([...created('failed', false), gaveUp, ...sms(80, 'accepted')]);
    const { reason, sms: leg, timeline } = statusOf(snapshotOf(delivery, s(81)));
    expect({ reason, lateness: leg?.lateness }).toEqual({ reason: 'notAccepted', lateness: '30s' });
    expect(timeline).toContainEqual(expect.objectContaining({ source: 'timer', event: 'notAcceptedInTime' }));
  });
});

describe('an SMS that is of no use any more (G12)', () => {
  test('is not requested, and the outcome says what is known', () => {
    const queuedNever = created('notFound', false);
    expect(at(600, [...queuedNever, ...sms(1, 'notSent')])).toEqual({ do: 'sendSms' });
    expect(at(601, [...queuedNever, ...sms(1, 'notSent')])).toEqual(settle('UNDELIVERABLE'));
    expect(at(601, [...queuedNever, ...sms(1, 'unanswered', { repeatable: true })])).toEqual(settle('UNCERTAIN'));
    expect(at(5, [...queuedNever, ...sms(1, 'expired')])).toEqual(settle('UNDELIVERABLE'));
  });

  test('a provider is asked about an unanswered request for five minutes, however short the SMS was of use', () => {
    const short = { fallback: { sms: { text: 'x', validity: '10s' } } };
    const known = [...created('notFound', false), ...sms(1, 'unanswered', { repeatable: false })];
    expect(at(21, known, short)).toMatchObject({ do: 'reconcileSms' });
    expect(at(22, [...known, [21, { kind: 'smsReconciled', found: 'no' }]], short)).toEqual(settle('UNDELIVERABLE'));
    expect(at(301, known, short)).toEqual(settle('UNCERTAIN'));
  });
});

describe('a person who has opted out (G11)', () => {
  test('before the create: nothing is sent', () => {
    expect(at(1, created('suppressed', false), PROMOTION)).toEqual(settle('SUPPRESSED'));
    expect(at(0, [optedOut(0)], PROMOTION)).toEqual(settle('SUPPRESSED'));
    const { outcome, reason, channel } = resultOf(
      deliveryOf(created('suppressed', false), PROMOTION),
      'SUPPRESSED',
      s(1),
    );
    expect({ outcome, reason, channel }).toEqual({ outcome: 'SUPPRESSED', reason: 'optedOut', channel: null });
  });

  test('in flight: the message is revoked at once, and no SMS follows', () => {
    expect(at(5, [...accepted, optedOut(5)], PROMOTION)).toMatchObject({ do: 'revoke' });
    expect(at(10, [...accepted, optedOut(5), ...revoked(5, 'revoked')], PROMOTION)).toEqual(settle('REVOKED'));
  });

  test('before the SMS: a message that was never sent is suppressed, one that was revoked is revoked', () => {
    const leg = sms(60, 'suppressed');
    expect(at(61, [...created('notFound', false), ...leg], PROMOTION)).toEqual(settle('SUPPRESSED'));
    expect(at(66, [...accepted, ...revoked(60, 'revoked'), ...leg], PROMOTION)).toEqual(settle('REVOKED'));
  });

  test('in the SMS leg: a request that no worker picked up is called off, and none is repeated', () => {
    const never = created('notFound', false);
    expect(at(2, [...never, [1, { kind: 'smsRequested' }], optedOut(2)], PROMOTION)).toEqual({ do: 'stopSms' });
    expect(at(3, [...never, ...sms(1, 'notSent'), optedOut(2)], PROMOTION)).toEqual(settle('SUPPRESSED'));
    const unanswered = [...never, ...sms(1, 'unanswered', { repeatable: true }), optedOut(2)];
    expect(at(3, unanswered, PROMOTION)).toEqual(settle('UNCERTAIN'));
    const askable = [...never, ...sms(1, 'unanswered', { repeatable: false }), optedOut(2)];
    expect(at(61, askable, PROMOTION)).toMatchObject({ do: 'reconcileSms' });
    expect(at(3, [...never, ...sms(1, 'accepted'), optedOut(2)], PROMOTION)).toMatchObject({ do: 'wait' });
  });

  test('codes pass, and so do notices unless the caller says otherwise', () => {
    const honors = (given: Input) => deliveryOf([], given).plan.honorsOptOut;
    expect(honors({ messageTrafficType: 'AUTHENTICATION' })).toBe(false);
    expect(honors({ messageTrafficType: 'TRANSACTION' })).toBe(false);
    expect(honors({ messageTrafficType: 'TRANSACTION', honorOptOut: true })).toBe(true);
    expect(honors(PROMOTION)).toBe(true);
  });
});

describe('events from another number', () => {
  test.each([
    ['+15550100001', false],
    ['15550100001', false],
    ['+1 (555) 010-0001', false],
    [undefined, false],
    ['', false],
    [{ number: '+15550100002' }, false],
    ['+15550100002', true],
    ['+1555010000', true],
  ])('%j is another number: %j', (from, expected) => {
    expect(isFromAnotherNumber(from, '+15550100001')).toBe(expected);
  });

  test('they are listed without the number, at most 20 of them, and decide nothing', () => {
    const foreign = { kind: 'otherSender', event: 'delivered', eventId: 'e', sendTime: '' } as const;
    const many = deliveryOf([...accepted, ...Array.from({ length: 20 }, (): Known => [2, foreign])]);
    expect(stepOf(many, s(3))).toEqual(until(60));
    expect(isNewEvidence(many.facts, foreign)).toBe(false);
    const { evidence } = statusOf(snapshotOf(many, s(3)));
    expect(evidence.at(-1)).toMatchObject({ source: 'webhook', detail: 'delivered from another number, ignored' });
  });
});

describe('several SMS providers (G2)', () => {
  const never = created('notFound', false);
  const notSent = (seconds: number, smsReason: string, more: object = {}) =>
    sms(seconds, 'notSent', { provider: 'first', smsReason, otherProvider: true, ...more });
  const notBy = (known: Known[]) => deliveryOf(known).facts.sms.notBy;

  test.each(['account', 'sender', 'unreachable'])('%s: the next one is asked at once', (smsReason) => {
    expect(at(1, [...never, ...notSent(1, smsReason)])).toEqual({ do: 'sendSms' });
    expect(notBy([...never, ...notSent(1, smsReason)])).toEqual(['first']);
  });

  test('too many requests: the next one is asked after three such answers, or instead of a long wait', () => {
    const throttled = (times: number) => Array.from({ length: times }, () => notSent(1, 'throttled')).flat();
    expect(at(1, [...never, ...throttled(1)])).toEqual(until(2));
    expect(notBy([...never, ...throttled(2)])).toEqual([]);
    expect(at(1, [...never, ...throttled(3)])).toEqual({ do: 'sendSms' });
    expect(notBy([...never, ...throttled(3)])).toEqual(['first']);
    expect(at(1, [...never, ...notSent(1, 'throttled', { retryAfter: 6_000 })])).toEqual({ do: 'sendSms' });
  });

  test('after the last one, the first is asked again, after a pause', () => {
    const last = sms(2, 'notSent', { provider: 'second', smsReason: 'account', otherProvider: false });
    expect(at(2, [...never, ...notSent(1, 'account'), ...last])).toEqual(until(4));
    expect(notBy([...never, ...notSent(1, 'account'), ...last])).toEqual([]);
  });

  test('a refusal of the number is final for all', () => {
    expect(at(1, [...never, ...sms(1, 'refused', { provider: 'first', smsReason: 'recipient' })])).toEqual(
      settle('UNDELIVERABLE'),
    );
  });

  test('no other one is asked while a request is in doubt', () => {
    const inDoubt = [
      ...never,
      ...sms(1, 'unanswered', { provider: 'first', repeatable: true }),
      ...notSent(5, 'account'),
    ];
    expect(at(5, inDoubt)).toEqual(until(7));
  });

  test('too many requests is no reason either: a gateway may answer so while the first request is running', () => {
    const unanswered = [...never, ...sms(1, 'unanswered', { provider: 'first', repeatable: true })];
    expect(at(5, [...unanswered, ...notSent(5, 'throttled')])).toEqual(until(7));
    expect(at(5, [...unanswered, ...notSent(5, 'throttled', { retryAfter: 6_000 })])).toEqual(until(11));
  });
});

test('a message that another run had accepted is followed by no blind SMS (409 to the very first create)', () => {
  const known = [...created('accepted', true, { sentByAnotherRun: true }), ...revoked(60, 'notFound')];
  expect(at(90, known)).toMatchObject({ do: 'revoke' });
  expect(at(3_700, [...known, ...revoked(3_660, 'notFound')])).toEqual(settle('UNCERTAIN'));
});

describe('a message that another run had accepted, once it is revoked', () => {
  const revokedNow = [...created('accepted', true, { sentByAnotherRun: true }), ...revoked(60, 'revoked')];
  const found = (found: 'yes' | 'no' | 'repeatable' | 'unknown'): Known[] => [
    ...revokedNow,
    [65, { kind: 'smsReconciliationStarted' }],
    [66, { kind: 'smsReconciled', found }],
  ];

  test('the providers are asked whether that run sent the SMS, from 15 days before this one', () => {
    expect(at(65, revokedNow)).toEqual({ do: 'reconcileSms', sentAfter: s(0) - 15 * 86_400_000 });
    expect(at(66, found('unknown'))).toEqual(until(76));
  });

  test('the SMS follows only if it was not sent, or if a repeat is harmless', () => {
    expect(at(66, found('no'))).toEqual({ do: 'sendSms' });
    expect(at(66, found('repeatable'))).toEqual({ do: 'sendSms' });
    expect(at(66, found('yes'))).toMatchObject({ do: 'wait' });
  });

  test('its result says what that run may have done, and calls nothing a duplicate without a sign of one', () => {
    const asked = deliveryOf(found('unknown'));
    expect(resultOf(asked, 'UNCERTAIN', s(665)).uncertainty).toContain('another run may have sent the SMS');
    const delivered = deliveryOf([...revokedNow, [61, { kind: 'delivered', eventId: 'd', sendTime: '' }]]);
    expect(resultOf(delivered, 'DELIVERED', s(61)).duplicate).toBe(false);
  });

  test('a run before a reset that can not be read may have sent the SMS, if there was one to send', () => {
    const unread: Known[] = [
      [0, { kind: 'resetNoticed' }],
      [1, { kind: 'lookedBack', found: 'unreadable', runId: 'run-2', notifications: 100 }],
      [2, { kind: 'delivered', eventId: 'd', sendTime: '' }],
    ];
    expect(resultOf(deliveryOf(unread), 'DELIVERED', s(2)).duplicate).toBe(true);
    expect(resultOf(deliveryOf(unread, { fallback: undefined }), 'DELIVERED', s(2)).duplicate).toBe(false);
  });

  test('without an answer: UNCERTAIN, but not before the providers had time', () => {
    expect(at(5_000, revokedNow)).toMatchObject({ do: 'reconcileSms' });
    expect(at(664, found('unknown'))).toMatchObject({ do: 'reconcileSms' });
    expect(at(665, found('unknown'))).toEqual(settle('UNCERTAIN'));
  });
});

describe('an unconfirmed revocation goes on beside the SMS', () => {
  const unconfirmed = [...accepted, ...revoked(60, 'failed'), ...revoked(61, 'failed')];
  const withSms = [...unconfirmed, ...sms(90, 'accepted')];
  const receipt: Known = [92, { kind: 'smsStatus', status: 'DELIVERED', eventId: 'r', sendTime: '' }];

  test('the SMS never waits for it', () => {
    expect(at(90, unconfirmed)).toEqual({ do: 'sendSms' });
    expect(at(90, [...unconfirmed, [90, { kind: 'smsRequested' }]])).toMatchObject({ do: 'revoke' });
  });

  test('it lasts until it is confirmed, DELIVERED comes, or RBM itself has dropped the message', () => {
    expect(at(92, [...withSms, receipt])).toMatchObject({ do: 'revoke' });
    expect(at(93, [...withSms, receipt, ...revoked(92, 'revoked')])).toEqual(settle('DELIVERED_BY_SMS'));
    expect(at(93, [...withSms, receipt, [93, { kind: 'delivered', eventId: 'd', sendTime: '' }]])).toEqual(
      settle('DELIVERED'),
    );
    // RBM's TTL event, or a DELIVERED of the last moment, comes a little after RBM's own expireTime (120 s).
    const last = [...withSms, receipt, ...revoked(118, 'failed')];
    expect(at(119, last)).toEqual(until(125));
    expect(at(124, last)).toEqual(until(125));
    expect(at(125, last)).toEqual(settle('DELIVERED_BY_SMS'));
  });

  test('it lasts until the latest expireTime that RBM may have', () => {
    const early = { how: 'normal', platformExpiresAt: s(120) } as const;
    const late = { how: 'normal', platformExpiresAt: s(240) } as const;
    const lost: Known[] = [
      [0, { kind: 'sendStarted', ...late }],
      [1, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true }],
      [2, { kind: 'sendStarted', ...early }],
      [3, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }],
    ];
    const known = [...lost, ...revoked(60, 'failed'), ...sms(90, 'accepted'), receipt, ...revoked(118, 'failed')];
    expect(at(126, known)).toMatchObject({ do: 'revoke' });
    expect(at(245, known)).toEqual(settle('DELIVERED_BY_SMS'));
  });

  test('a cancellation beside it revokes once more before the delivery settles', () => {
    const cancelled: Known = [93, { kind: 'cancelRequested' }];
    const known = [...withSms, receipt, ...revoked(92, 'failed'), cancelled];
    expect(at(93, known)).toMatchObject({ do: 'revoke' });
    expect(at(94, [...known, ...revoked(93, 'revoked')])).toEqual(until(98));
    expect(at(98, [...known, ...revoked(93, 'revoked')])).toEqual(settle('DELIVERED_BY_SMS'));
    expect(at(4_000, [...known, ...revoked(3_990, 'failed')])).toEqual(settle('DELIVERED_BY_SMS'));
  });

  test('the phase says so once only the revocation is left', () => {
    const { phase } = statusOf(snapshotOf(deliveryOf([...withSms, receipt]), s(92)));
    expect(phase).toBe('REVOKING');
  });
});
