import { expect, test } from 'vitest';
import { END_REASONS, FALLBACK_REASONS } from '../../src/contract/status.js';
import { resultOf, statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { deliveryOf, s, type Known } from './known.js';

const accepted: Known = [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }];
const revoked: Known[] = [
  [60, { kind: 'revokeStarted' }],
  [61, { kind: 'revokeAnswered', answer: 'revoked' }],
];
const failed: Known[] = [
  [60, { kind: 'revokeStarted' }],
  [61, { kind: 'revokeAnswered', answer: 'failed' }],
];
const requested: Known = [90, { kind: 'smsRequested' }];
const smsAccepted: Known = [91, { kind: 'smsAnswered', answer: 'accepted', provider: 'http', providerMessageId: 'a' }];

test.each<[string, Known[]]>([
  ['expired', [accepted, ...revoked]],
  ['unconfirmed', [accepted, ...failed]],
  ['unreachable', [[1, { kind: 'sendAnswered', answer: 'notFound', mayBeQueued: false }]]],
  ['refused', [[1, { kind: 'sendAnswered', answer: 'refused', mayBeQueued: false }]]],
  [
    'notAccepted',
    [
      [1, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: false }],
      [20, { kind: 'notAcceptedInTime', due: s(20) }],
    ],
  ],
  ['unconfirmed', [[1, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true }], ...failed]],
  ['platform', [accepted, [10, { kind: 'ttlExpirationRevoked', eventId: 'e', sendTime: '' }]]],
  ['operator', [accepted, [9, { kind: 'revokeRequested', reason: 'x', fallback: 'sms' }], ...revoked]],
])('an SMS is requested because: %s', (reason, known) => {
  const delivery = deliveryOf([...known, requested, smsAccepted]);
  const { sms, timeline } = statusOf(snapshotOf(delivery, s(92)));
  expect(sms).toMatchObject({ reason });
  expect(timeline.find(({ event }) => event === 'smsRequested')?.detail).toBe(reason);
  expect(resultOf(delivery, 'SENT_BY_SMS', s(200)).sms).toMatchObject({ reason });
});

test('what is learned later, and a repeated request, leave the reason as it is', () => {
  const known: Known[] = [
    accepted,
    ...failed,
    requested,
    [91, { kind: 'smsAnswered', answer: 'notSent' }],
    [95, { kind: 'revokeStarted' }],
    [96, { kind: 'revokeAnswered', answer: 'revoked' }],
    [100, { kind: 'smsRequested' }],
    [101, { kind: 'smsAnswered', answer: 'accepted', provider: 'http', providerMessageId: 'a' }],
    [110, { kind: 'delivered', eventId: 'e', sendTime: '' }],
  ];
  const { sms, revocation, reason, duplicate, timeline } = statusOf(snapshotOf(deliveryOf(known), s(111)));
  expect({ sms, revocation, reason, duplicate }).toMatchObject({
    sms: { reason: 'unconfirmed' },
    revocation: undefined,
    reason: undefined,
    duplicate: true,
  });
  expect(timeline.filter(({ event }) => event === 'smsRequested').map(({ detail }) => detail)).toEqual([
    'unconfirmed',
    undefined,
  ]);
});

test('a delivery without an SMS has no reason for one', () => {
  expect(statusOf(snapshotOf(deliveryOf([accepted, ...failed]), s(62)))).not.toHaveProperty('sms');
});

test('every reason for an SMS but one is a reason for the end of the RCS leg', () => {
  expect(FALLBACK_REASONS.filter((one) => !END_REASONS.some((reason) => reason === one))).toEqual(['unconfirmed']);
});
