import { describe, expect, test } from 'vitest';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { RevokeAnswer, SendAnswer, SmsAnswer } from '../../src/domain/evidence.js';
import { answerDueAt } from '../../src/domain/late.js';
import { isNewEvidence } from '../../src/domain/new-evidence.js';
import { toTime } from '../../src/domain/plan.js';
import { statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { onlyProvider } from '../../src/domain/sms-state.js';
import { deliveryOf, s, stepOf, type Known } from './known.js';

const HOLD = { fallback: { sms: { text: 'x' }, whenUncertain: 'hold' as const } };

const at = (seconds: number, known: readonly Known[], given?: Partial<MessageDeliveryInput>) =>
  stepOf(deliveryOf(known, given), s(seconds));

const sending = (from: number, platformExpires = 120): Known => [
  from,
  { kind: 'sendStarted', how: 'local', platformExpiresAt: s(platformExpires) },
];
const answered = (
  seconds: number,
  answer: SendAnswer,
  mayBeQueued = answer === 'accepted',
  retryAfter?: number,
): Known => [seconds, { kind: 'sendAnswered', answer, mayBeQueued, ...(retryAfter !== undefined && { retryAfter }) }];
const accepted = [sending(0), answered(1, 'accepted')];
const revoking = (seconds: number): Known => [seconds, { kind: 'revokeStarted' }];
const revoked = (seconds: number, answer: RevokeAnswer, retryAfter?: number): Known => [
  seconds,
  { kind: 'revokeAnswered', answer, ...(retryAfter !== undefined && { retryAfter }) },
];
const event = (
  seconds: number,
  kind: 'delivered' | 'read' | 'replied' | 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed',
): Known => [seconds, { kind, eventId: kind, sendTime: '' }];
const sms = (seconds: number, answer: SmsAnswer, more: object = {}): Known[] => [
  [seconds, { kind: 'smsRequested' }],
  [seconds, { kind: 'smsAnswered', answer, ...more }],
];
const receipt = (seconds: number, status: 'SENT' | 'DELIVERED' | 'UNDELIVERED'): Known => [
  seconds,
  { kind: 'smsStatus', status, eventId: status, sendTime: '' },
];
const revokedAtExpiry = [...accepted, revoking(60), revoked(60, 'revoked')];
const dueAt = ({ facts, plan }: ReturnType<typeof deliveryOf>) => answerDueAt(facts, plan);
const until = (seconds: number) => ({ do: 'wait', until: s(seconds) });

describe('sending', () => {
  test('Retry-After is waited for, until RBM must have accepted the message, or up to the expiry', () => {
    expect(at(2, [sending(0), answered(1, 'failed', false, 5_000)])).toEqual(until(6));
    expect(at(2, [sending(0), answered(1, 'failed', false, 900_000)])).toEqual(until(20));
    const promotion = { messageTrafficType: 'PROMOTION' as const };
    expect(at(2, [sending(0), answered(1, 'failed', false, 900_000)], promotion)).toEqual(until(60));
  });

  test('403 is tried four times, with growing pauses, and then counts as final', () => {
    const denied = (times: number) => Array.from({ length: times }, () => [sending(0), answered(0, 'denied')]).flat();
    expect([1, 2, 3].map((times) => at(0, denied(times)))).toEqual([until(1), until(2), until(4)]);
    expect(at(4, denied(3))).toMatchObject({ do: 'send', how: 'normal' });
    expect(at(0, denied(4))).toEqual({ do: 'sendSms' });
  });

  test('an attempt that another worker may have made is revoked, though nothing else shows it (G4)', () => {
    const known: Known[] = [
      [0, { kind: 'revokeRequested', reason: 'x', fallback: 'sms' }],
      [0, { kind: 'mayHaveBeenSent' }],
    ];
    expect(at(0, known)).toMatchObject({ do: 'revoke' });
    expect(at(0, known.slice(0, 1))).toEqual({ do: 'sendSms' });
  });
});

describe('the first DELETE', () => {
  test('lets a create that is under way end first, as long as the budget allows', () => {
    const stopped: Known[] = [sending(0), [60, { kind: 'sendStopRequested' }]];
    expect(at(60, stopped)).toEqual(until(70));
    const short = { revocation: { grace: '1s', budget: '4s' } };
    expect(at(60, stopped, short)).toEqual(until(61.5));
    expect(at(60, stopped, { revocation: { grace: '1s', budget: '1s' } })).toMatchObject({ do: 'revoke' });
  });

  test('comes at once after a TTL event before the expiry, without waiting for it', () => {
    expect(at(40, [...accepted, event(40, 'ttlExpirationRevoked')])).toEqual(until(45));
    expect(at(45, [...accepted, event(40, 'ttlExpirationRevoked')])).toEqual({ do: 'sendSms' });
    expect(at(45, [...accepted, event(40, 'ttlExpirationRevokeFailed')])).toMatchObject({ do: 'revoke' });
  });

  test('strategy platform: RBM goes first at its own expireTime, and only then', () => {
    const platform = { revocation: { strategy: 'platform' as const } };
    const own = [sending(0, 60), answered(1, 'accepted')];
    expect(at(60, own, platform)).toEqual(until(75));
    expect(at(75, own, platform)).toMatchObject({ do: 'revoke' });
    const moved: Known[] = [...own, [2, { kind: 'expiryChanged', expiresAt: s(30) }]];
    expect(at(30, moved, platform)).toMatchObject({ do: 'revoke' });
    const revokedEarly: Known[] = [...own, [40, { kind: 'revokeRequested', reason: 'x', fallback: 'none' }]];
    expect(at(40, revokedEarly, platform)).toMatchObject({ do: 'revoke' });
  });
});

describe('the next DELETE', () => {
  test('waits as long as RBM asks, but not over the deadline', () => {
    const asked = (ms: number) => [...accepted, revoking(60), revoked(60, 'refused', ms)];
    expect(at(61, asked(20_000))).toEqual(until(80));
    expect(at(61, asked(900_000))).toEqual(until(90));
    expect(at(90, asked(900_000))).toEqual({ do: 'sendSms' });
  });

  test('comes at once when a create is accepted after a 200: that 200 did not revoke it (G6)', () => {
    const behind = [sending(0), revoking(20), revoked(20, 'revoked'), answered(22, 'accepted')];
    const revokedEarly: Known[] = [[19, { kind: 'revokeRequested', reason: 'x', fallback: 'sms' }], ...behind];
    expect(at(22, revokedEarly, HOLD)).toMatchObject({ do: 'revoke' });
    expect(at(22, revokedEarly)).toMatchObject({ do: 'revoke' });
    const again = [...revokedEarly, revoking(22), revoked(22, 'revoked')];
    expect(at(23, again, HOLD)).toEqual(until(27));
    expect(at(27, again, HOLD)).toEqual({ do: 'sendSms' });
  });

  test('a cancelled delivery waits for a create that is under way, and revokes what it queued', () => {
    const short = { revocation: { grace: '1s', budget: '5s' } };
    const known: Known[] = [
      sending(0),
      [4, { kind: 'cancelRequested' }],
      [4, { kind: 'sendStopRequested' }],
      revoking(6),
      revoked(6, 'revoked'),
    ];
    expect(at(9, known, short)).not.toMatchObject({ do: 'settle' });
    const soon = { ...HOLD, revocation: { grace: '1s', budget: '1s' } };
    expect(at(4, known.slice(0, 3), soon)).toMatchObject({ do: 'revoke' });
    const late = [...known, answered(12, 'accepted')];
    expect(at(12, late, short)).toMatchObject({ do: 'revoke' });
    expect(at(13, [...late, revoking(12), revoked(12, 'revoked')], short)).toEqual({
      do: 'settle',
      outcome: 'CANCELLED',
    });
  });

  test('many tries fit into a long time: the pauses grow with it', () => {
    const tried = Array.from({ length: 20 }, () => [revoking(60), revoked(60, 'failed')]).flat();
    const pause = (holdTimeout: string) => at(60, [...accepted, ...tried], { ...HOLD, revocation: { holdTimeout } });
    expect(pause('3600s')).toEqual(until(360));
    expect(pause('604800s')).toEqual(until(60 + 3_024));
  });

  test('a 404 is followed by the whole grace, however long', () => {
    const long = { ...HOLD, revocation: { grace: '1000s', budget: '2000s', holdTimeout: '6000s' } };
    expect(at(61, [...accepted, revoking(60), revoked(60, 'notFound')], long)).toEqual(until(1_060));
  });

  test('comes at once when the delivery is cancelled in a long pause, and gets the time that it needs', () => {
    const held: Known[] = [...accepted, revoking(60), revoked(60, 'failed', 300_000)];
    const cancelled: Known[] = [...held, [200, { kind: 'cancelRequested' }]];
    expect(at(200, held, HOLD)).toEqual(until(360));
    expect(at(200, cancelled, HOLD)).toMatchObject({ do: 'revoke' });
    const tried = [...cancelled, revoking(200), revoked(201, 'failed')];
    expect(at(215, tried, HOLD)).toEqual({ do: 'settle', outcome: 'CANCELLED' });
  });
});

describe('outages', () => {
  /** `outage`: how late Temporal was itself, in seconds. */
  const late = (seconds: number, due: number, outage?: number): Known => [
    seconds,
    { kind: 'wokeLate', due: s(due), ...(outage !== undefined && { outage: outage * 1_000 }) },
  ];

  test('a DELETE that was answered during an outage leaves a grace for the events that were held up', () => {
    const slept = [...accepted, revoking(60), revoked(900, 'revoked'), late(900, 72)];
    expect(at(900, slept)).toEqual(until(905));
    expect(at(900, [...accepted, revoking(60), revoked(900, 'unanswered'), late(900, 72)])).toEqual(until(901));
  });

  test('a wait starts over three times and no more: if every wait is late, the SMS is still sent', () => {
    const lates = (times: number) =>
      Array.from({ length: times }, (_, index) => late(100 + 20 * index, 90 + 20 * index));
    const backlog = (times: number) => [...revokedAtExpiry, ...lates(times)];
    expect(at(140, backlog(3))).toEqual(until(145));
    expect(at(160, backlog(4))).toEqual({ do: 'sendSms' });
    const never = (times: number) => [...accepted, revoking(60), revoked(60, 'failed'), ...lates(times)];
    expect(at(160, never(4))).toEqual({ do: 'sendSms' });
    expect(at(3_741, never(4), HOLD)).toEqual({ do: 'settle', outcome: 'UNCERTAIN' });
  });

  test('no outage makes an SMS of use for longer (G12)', () => {
    const short = { fallback: { sms: { text: 'x', validity: '10s' } } };
    const notBegun = [...revokedAtExpiry, ...sms(65, 'notStarted')];
    expect(at(66, notBegun, short)).toEqual({ do: 'sendSms' });
    expect(at(75, notBegun, short)).toEqual({ do: 'settle', outcome: 'UNDELIVERABLE' });
    const slept = [...revokedAtExpiry, ...sms(65, 'notSent'), late(5_000, 66)];
    expect(at(5_001, slept, short)).toEqual({ do: 'settle', outcome: 'UNDELIVERABLE' });
  });

  test('under hold an outage adds twice its length, in which RBM repeats an event, and not the whole holdTimeout', () => {
    const week = { ...HOLD, revocation: { holdTimeout: '604800s' } };
    const tried = [...accepted, revoking(60), revoked(60, 'failed', 700_000_000)];
    expect(at(61, tried, week)).toEqual(until(604_860));
    expect(at(604_900, [...tried, late(604_900, 604_860)], week)).toEqual(until(604_900 + 2 * 40 + 15));
  });

  test('under hold a 200 after an outage says nothing about a DELIVERED that RBM holds back; a TTL event does', () => {
    const slept = (answer: Known[]): Known[] => [...accepted, late(700, 60), ...answer];
    expect(at(701, slept([revoking(700), revoked(701, 'revoked')]), HOLD)).toEqual(until(700 + 600 + 5));
    expect(at(701, slept([event(701, 'ttlExpirationRevoked')]), HOLD)).toEqual(until(706));
    expect(at(701, slept([revoking(700), revoked(701, 'revoked')]))).toEqual(until(706));
    const short = { ...HOLD, revocation: { holdTimeout: '60s' } };
    expect(at(701, slept([revoking(700), revoked(701, 'revoked')]), short)).toEqual(until(765));
    const inSmsLeg = [...revokedAtExpiry, ...sms(65, 'notSent'), late(700, 67)];
    const hold = { fallback: { sms: { text: 'x', validity: '3600s' }, whenUncertain: 'hold' as const } };
    expect(at(701, inSmsLeg, hold)).toEqual(until(705));
    expect(at(705, inSmsLeg, hold)).toEqual({ do: 'sendSms' });
    const alone = { messageTrafficType: 'PROMOTION' as const, fallback: undefined };
    expect(at(706, slept([revoking(700), revoked(701, 'revoked')]), alone as object)).toMatchObject({ do: 'settle' });
  });

  test('an outage during a reconciliation is noticed', () => {
    const known: Known[] = [...revokedAtExpiry, ...sms(65, 'unanswered'), [90, { kind: 'smsReconciliationStarted' }]];
    expect(dueAt(deliveryOf(known))).toBe(s(112));
    expect(dueAt(deliveryOf([...accepted, revoking(60)]))).toBe(s(72));
    expect(dueAt(deliveryOf([...revokedAtExpiry, [65, { kind: 'smsRequested' }]]))).toBe(s(87));
    expect(dueAt(deliveryOf(revokedAtExpiry))).toBe(Infinity);
  });

  test('a receipt may still be on its way after an outage', () => {
    const slept = (outage: number) => [...revokedAtExpiry, ...sms(65, 'accepted'), late(9_000, 3_665, outage)];
    expect(at(9_000, slept(5_335))).toEqual(until(9_600));
    expect(at(9_000, slept(20))).toEqual(until(9_040));
    expect(at(9_000, slept(0))).toEqual({ do: 'settle', outcome: 'SENT_BY_SMS' });
  });

  test('in a backlog nothing is on its way: under hold the SMS follows the grace, however late that is', () => {
    const revokedLate = [...accepted, late(85, 60, 0), revoking(85), revoked(86, 'revoked')];
    expect(at(86, revokedLate, HOLD)).toEqual(until(91));
    expect(at(110, [...revokedLate, late(110, 91, 0)], HOLD)).toEqual({ do: 'sendSms' });
    expect(at(86, [...accepted, late(85, 60, 20), revoking(85), revoked(86, 'revoked')], HOLD)).toEqual(until(130));
  });

  test('in a backlog only the first late wait makes room for one more DELETE', () => {
    const tried = [...accepted, late(85, 60, 0), revoking(85), revoked(95, 'unanswered')];
    expect(at(95, tried)).toEqual(until(96));
    const twice = [...tried, late(110, 96, 0)];
    expect(at(110, twice)).toEqual({ do: 'sendSms' });
    expect(at(110, [...tried, late(110, 96, 14)])).toMatchObject({ do: 'revoke' });
  });
});

describe('the SMS leg', () => {
  test('Retry-After is waited for', () => {
    expect(at(66, [...revokedAtExpiry, ...sms(65, 'notSent', { retryAfter: 20_000 })])).toEqual(until(85));
  });

  test('under hold a repeat needs a revocation that still stands (G6)', () => {
    const contradicted = [...revokedAtExpiry, ...sms(65, 'notSent'), event(66, 'ttlExpirationRevokeFailed')];
    expect(at(80, contradicted, HOLD)).toMatchObject({ do: 'revoke' });
    expect(at(80, contradicted)).toEqual({ do: 'sendSms' });
    const again = [...contradicted, revoking(80), revoked(80, 'revoked')];
    expect(at(81, again, HOLD)).toEqual(until(85));
    expect(at(85, again, HOLD)).toEqual({ do: 'sendSms' });
    expect(at(4_000, contradicted, HOLD)).toEqual({ do: 'settle', outcome: 'UNCERTAIN' });
    const never = [sending(0), answered(1, 'notFound'), ...sms(1, 'notSent')];
    expect(at(3, never, HOLD)).toEqual({ do: 'sendSms' });
    // A server event names a message that RBM must have had, whatever create said.
    expect(at(9, [...never, event(4, 'ttlExpirationRevokeFailed')], HOLD)).toMatchObject({ do: 'revoke' });
  });

  test('under hold, the validity also bounds the revocation before a repeat', () => {
    const hold = { fallback: { sms: { text: 'x', validity: '10s' }, whenUncertain: 'hold' as const } };
    const tried = [
      ...revokedAtExpiry,
      ...sms(65, 'notSent'),
      event(66, 'ttlExpirationRevokeFailed'),
      revoking(71),
      revoked(71, 'failed'),
    ];
    expect(at(71, tried, hold)).toEqual(until(73));
    const again = [...tried, revoking(73), revoked(74, 'refused', 60_000)];
    expect(at(74, again, hold)).toEqual(until(75));
    // The SMS is of no use any more, but RBM may still have the message.
    expect(at(75, again, hold)).toEqual(until(125));
  });

  test('cancelled in the SMS leg: the message is revoked first, then the outcome is CANCELLED', () => {
    const inconclusive = [...accepted, revoking(60), revoked(60, 'failed')];
    const cancelled = (known: Known[]): Known[] => [...known, [95, { kind: 'cancelRequested' }]];
    for (const leg of [sms(90, 'notSent'), sms(90, 'accepted')]) {
      const known = cancelled([...inconclusive, ...leg]);
      expect(at(95, known)).toMatchObject({ do: 'revoke' });
      expect(at(101, [...known, revoking(95), revoked(96, 'revoked')])).toEqual({ do: 'settle', outcome: 'CANCELLED' });
    }
    expect(at(95, cancelled([...revokedAtExpiry, ...sms(65, 'accepted')]))).toEqual({
      do: 'settle',
      outcome: 'CANCELLED',
    });
    const refused = cancelled([...inconclusive, ...sms(90, 'accepted'), receipt(94, 'UNDELIVERED')]);
    expect(at(95, refused)).toMatchObject({ do: 'revoke' });
    // However long the SMS request was under way meanwhile.
    const slow: Known[] = [
      ...cancelled([...inconclusive, [90, { kind: 'smsRequested' }]]),
      ...sms(300, 'notSent').slice(1),
    ];
    expect(at(300, slow)).toMatchObject({ do: 'revoke' });
  });

  test('a receipt from before the request does not count, and does not hide a later one', () => {
    const early = [receipt(30, 'DELIVERED'), ...revokedAtExpiry, ...sms(65, 'accepted')];
    expect(at(66, early)).toEqual(until(3_665));
    const known = deliveryOf(early);
    expect(isNewEvidence(known.facts, { kind: 'smsStatus', status: 'DELIVERED', eventId: 'e', sendTime: '' })).toBe(
      true,
    );
    expect(at(67, [...early, receipt(67, 'DELIVERED')])).toEqual({ do: 'settle', outcome: 'DELIVERED_BY_SMS' });
  });

  test('receipts in any order: a final one beats SENT, DELIVERED beats all', () => {
    const after = (...receipts: Known[]) => at(70, [...revokedAtExpiry, ...sms(65, 'accepted'), ...receipts]);
    expect(after(receipt(66, 'UNDELIVERED'), receipt(67, 'SENT'))).toEqual({ do: 'settle', outcome: 'UNDELIVERABLE' });
    expect(after(receipt(66, 'DELIVERED'), receipt(67, 'UNDELIVERED'))).toEqual({
      do: 'settle',
      outcome: 'DELIVERED_BY_SMS',
    });
  });

  test('a DELIVERED receipt soon after an UNDELIVERED wins', () => {
    const failed: Known = [
      66,
      { kind: 'smsStatus', status: 'UNDELIVERED', eventId: 'u', sendTime: '', mayBeCorrected: true },
    ];
    const known = [...revokedAtExpiry, ...sms(65, 'accepted'), failed];
    expect(at(66, known)).toEqual(until(76));
    expect(at(67, [...known, receipt(67, 'SENT')])).toEqual(until(76));
    expect(at(67, [...known, receipt(67, 'DELIVERED')])).toEqual({ do: 'settle', outcome: 'DELIVERED_BY_SMS' });
    expect(at(76, known)).toEqual({ do: 'settle', outcome: 'UNDELIVERABLE' });
    // Temporal was down for 30 s meanwhile, so the gateway may repeat a receipt for as long again, twice over.
    const late: Known = [106, { kind: 'wokeLate', due: s(76), outage: 30_000 }];
    expect(at(106, [...known, late])).toEqual(until(166));
    const impatient = { fallback: { sms: { text: 'x', receiptTimeout: '2s' } } };
    expect(at(66, known, impatient)).toEqual(until(68));
    // Nobody asks any more what became of the SMS.
    expect(at(67, [...known, [67, { kind: 'cancelRequested' }]])).toEqual({ do: 'settle', outcome: 'CANCELLED' });
  });

  test('refused: UNDELIVERABLE only if RBM never had the message or certainly revoked it', () => {
    const inconclusive = [...accepted, revoking(60), revoked(60, 'failed')];
    // RBM itself drops the message at 120 s. A DELIVERED of the last moment gets its grace.
    expect(at(125, [...inconclusive, ...sms(90, 'refused')])).toEqual({ do: 'settle', outcome: 'UNCERTAIN' });
    expect(at(66, [...revokedAtExpiry, ...sms(65, 'refused')])).toEqual({ do: 'settle', outcome: 'UNDELIVERABLE' });
    const never = [sending(0), answered(1, 'notFound')];
    expect(at(2, [...never, ...sms(1, 'refused')])).toEqual({ do: 'settle', outcome: 'UNDELIVERABLE' });
  });

  test('a refusal says nothing about an unanswered request before it, not even under an idempotency key', () => {
    const refused = (repeatable: boolean) => [
      ...revokedAtExpiry,
      ...sms(65, 'unanswered', { repeatable }),
      ...sms(70, 'refused'),
    ];
    for (const repeatable of [true, false]) {
      expect(at(71, refused(repeatable))).toEqual(repeatable ? until(665) : until(85));
      expect(at(665, refused(repeatable))).toEqual({ do: 'settle', outcome: 'UNCERTAIN' });
      expect(at(72, [...refused(repeatable), receipt(71, 'DELIVERED')])).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    }
  });

  test('DELIVERED or a cancellation calls off a request that no worker picked up; one that is under way is waited for', () => {
    const requested: Known[] = [...revokedAtExpiry, [65, { kind: 'smsRequested' }]];
    expect(at(66, requested)).toEqual({ do: 'wait', until: null });
    expect(at(66, [...requested, event(66, 'read')])).toEqual({ do: 'stopSms' });
    expect(at(66, [...requested, [66, { kind: 'cancelRequested' }]])).toEqual({ do: 'stopSms' });
    expect(at(66, [...requested, event(66, 'replied'), [66, { kind: 'smsStopRequested' }]])).toEqual({
      do: 'wait',
      until: null,
    });
  });

  test('a provider without idempotency keys is asked before any repeat; under hold it must answer no twice (G2)', () => {
    const unanswered = [...revokedAtExpiry, ...sms(65, 'unanswered', { repeatable: false })];
    const no = (seconds: number): Known => [seconds, { kind: 'smsReconciled', found: 'no' }];
    expect(at(66, unanswered)).toEqual(until(85));
    expect(at(85, unanswered)).toEqual({ do: 'reconcileSms', sentAfter: s(0) });
    expect(at(86, [...unanswered, no(85)])).toEqual({ do: 'sendSms' });
    const second = [...revokedAtExpiry, ...sms(65, 'notSent'), ...sms(70, 'unanswered', { repeatable: false })];
    expect(at(90, second)).toEqual({ do: 'reconcileSms', sentAfter: s(0) });
    const late = [...revokedAtExpiry, ...sms(1_000, 'unanswered', { repeatable: false })];
    expect(at(1_020, late)).toEqual({ do: 'reconcileSms', sentAfter: s(1_000 - 300) });
    expect(at(66, unanswered, HOLD)).toEqual(until(125));
    expect(at(126, [...unanswered, no(125)], HOLD)).toEqual(until(135));
    expect(at(136, [...unanswered, no(125), no(135)], HOLD)).toEqual({ do: 'sendSms' });
  });

  test('a request whose worker crashed is repeated at the provider that can not tell, once the others prove they have none', () => {
    const crashed = [...revokedAtExpiry, ...sms(65, 'unanswered', {})];
    const no = (seconds: number): Known => [seconds, { kind: 'smsReconciled', found: 'no', repeatableBy: 'gateway' }];
    const only = (known: readonly Known[], given = {}) => {
      const { facts, plan } = deliveryOf(known, given);
      return onlyProvider(facts.sms, plan);
    };
    expect(at(85, crashed)).toMatchObject({ do: 'reconcileSms' });
    expect(only(crashed)).toBeUndefined();
    expect(at(86, [...crashed, no(85)])).toEqual({ do: 'sendSms' });
    expect(only([...crashed, no(85)])).toBe('gateway');
    expect(at(126, [...crashed, no(125)], HOLD)).toEqual(until(135));
    expect(only([...crashed, no(125)], HOLD)).toBeUndefined();
    expect(at(136, [...crashed, no(125), no(135)], HOLD)).toEqual({ do: 'sendSms' });
    expect(only([...crashed, no(125), no(135)], HOLD)).toBe('gateway');
  });

  test('a repeat that leaves no word of its provider was at the one of the request in doubt (G2)', () => {
    const no = (seconds: number): Known => [seconds, { kind: 'smsReconciled', found: 'no', repeatableBy: 'gateway' }];
    const account = { provider: 'gateway', smsReason: 'account', otherProvider: true } as const;
    const inDoubt = [...revokedAtExpiry, ...sms(65, 'unanswered', {}), no(85), ...sms(86, 'notSent', account)];
    const only = (known: readonly Known[]) => {
      const { facts, plan } = deliveryOf(known);
      return onlyProvider(facts.sms, plan);
    };
    const cutOff = [...inDoubt, ...sms(90, 'unanswered', {})];
    expect(only(cutOff)).toBe('gateway');
    expect(only([...cutOff, ...sms(91, 'unanswered', { repeatable: false })])).toBe('gateway');
    const proved: Known = [85, { kind: 'smsReconciled', found: 'no' }];
    const another = [...revokedAtExpiry, ...sms(65, 'unanswered', { provider: 'first' }), proved];
    expect(only([...another, ...sms(86, 'unanswered', {})])).toBeUndefined();
  });

  test('an idempotency key of another provider does not make a repeat harmless (G2)', () => {
    const unanswered = (more: object) => [...revokedAtExpiry, ...sms(65, 'unanswered', more)];
    const reconciled: Known = [90, { kind: 'smsReconciled', found: 'repeatable' }];
    expect(at(100, [...unanswered({ repeatable: false }), reconciled])).toEqual({
      do: 'reconcileSms',
      sentAfter: s(0),
    });
    expect(at(100, [...unanswered({}), reconciled])).toEqual({ do: 'sendSms' });
  });
});

test('an operator revokes before RBM has the message: REVOKED', () => {
  const revokedEarly: Known = [5, { kind: 'revokeRequested', reason: 'x', fallback: 'none' }];
  expect(at(5, [sending(0), answered(1, 'failed', false), revokedEarly])).toEqual({ do: 'settle', outcome: 'REVOKED' });
  expect(at(5, [sending(0), answered(1, 'notFound'), revokedEarly])).toEqual({
    do: 'settle',
    outcome: 'UNDELIVERABLE',
  });
});

test('status shows when RBM revokes the message by itself, beside the delivery’s own next step', () => {
  const moved = deliveryOf([...accepted, [2, { kind: 'expiryChanged', expiresAt: s(600) }]]);
  for (const now of [s(3), s(130)]) {
    expect(statusOf(snapshotOf(moved, now))).toMatchObject({
      next: { action: 'revoke', time: toTime(s(600)) },
      platformExpireTime: toTime(s(120)),
    });
  }
  expect(statusOf(snapshotOf(moved, s(3))).expireTime).toBe(toTime(s(600)));
});
