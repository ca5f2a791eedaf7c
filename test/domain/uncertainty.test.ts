import { expect, test } from 'vitest';
import { resultOf, statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { uncertaintyOf } from '../../src/domain/uncertainty.js';
import type { RevokeAnswer, SmsAnswer } from '../../src/domain/evidence.js';
import { deliveryOf, START, type Known } from './known.js';

const accepted: Known = [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }];
const unanswered: Known = [1, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true }];
const notFound: Known = [1, { kind: 'sendAnswered', answer: 'notFound', mayBeQueued: false }];
const revoke = (answer: RevokeAnswer): Known[] => [
  [60, { kind: 'revokeStarted' }],
  [61, { kind: 'revokeAnswered', answer }],
];
const sms = (answer: SmsAnswer): Known[] => [
  [70, { kind: 'smsRequested' }],
  [71, { kind: 'smsAnswered', answer }],
];
const contradicted: Known = [62, { kind: 'ttlExpirationRevokeFailed', eventId: 'e', sendTime: '' }];
const undelivered: Known = [80, { kind: 'smsStatus', status: 'UNDELIVERED', eventId: 'e', sendTime: '' }];

const IF_NEEDED = ' If the person must have the text, send it another way: they may then get it twice.';
const LOOK_UP = 'Look for the SMS at the provider before you send it another way.';

test.each<[Known[], string]>([
  [
    [accepted, ...revoke('failed')],
    `RBM accepted the message, which could not be revoked; no SMS was sent. No revocation was confirmed within 1 h.${IF_NEEDED}`,
  ],
  [
    [unanswered, ...revoke('notFound')],
    `RBM may have accepted the message and did not have it at the revocation: it was delivered, or never accepted; no SMS was sent. No revocation was confirmed within 1 h.${IF_NEEDED}`,
  ],
  [
    [accepted, ...revoke('notFound')],
    `RBM accepted the message and no longer had it at the revocation, perhaps because it was delivered; no SMS was sent. No revocation was confirmed within 1 h.${IF_NEEDED}`,
  ],
  [
    [accepted, ...revoke('revoked'), contradicted],
    `RBM accepted the message, and it is not certain that it was revoked; no SMS was sent. No revocation was confirmed within 1 h.${IF_NEEDED}`,
  ],
  [
    [accepted, ...revoke('revoked'), ...sms('unanswered')],
    `RBM accepted the message, which was revoked; the SMS may have been sent. No provider could say whether it was sent. ${LOOK_UP}`,
  ],
  [
    [accepted, ...revoke('unanswered'), ...sms('refused')],
    `RBM accepted the message, which could not be revoked; the SMS could not be sent. Nobody accepted it while it was of use.${IF_NEEDED}`,
  ],
  [
    [accepted, ...revoke('refused'), ...sms('accepted'), undelivered],
    `RBM accepted the message, which could not be revoked; the SMS did not arrive. Its receipt says so.${IF_NEEDED}`,
  ],
  [
    [notFound, ...sms('unanswered')],
    `RBM never accepted the message; the SMS may have been sent. No provider could say whether it was sent. ${LOOK_UP}`,
  ],
])('%j', (known, sentence) => {
  expect(uncertaintyOf(deliveryOf(known))).toBe(sentence);
});

test('status and result have an uncertainty for UNCERTAIN, and for no other outcome', () => {
  const uncertain = deliveryOf([accepted, ...revoke('failed')], { messageTrafficType: 'PROMOTION' });
  const uncertainty = uncertaintyOf(uncertain);
  const late = START + 3_700_000;
  expect(statusOf(snapshotOf(uncertain, late))).toMatchObject({ outcome: 'UNCERTAIN', uncertainty });
  expect(resultOf(uncertain, 'UNCERTAIN', late)).toMatchObject({ uncertainty });
  expect(statusOf(snapshotOf(uncertain, START + 65_000))).not.toHaveProperty('uncertainty');
  expect(resultOf(uncertain, 'REVOKED', late)).not.toHaveProperty('uncertainty');
});

test('there is nothing to do for a person who opted out', () => {
  const optedOut: Known = [50, { kind: 'optedOut', source: 'rbm', sendTime: '' }];
  const delivery = deliveryOf([accepted, optedOut, ...revoke('failed')], { messageTrafficType: 'PROMOTION' });
  expect(uncertaintyOf(delivery)).toMatch(/The person opted out, so there is nothing to do\.$/);
});
