import { expect, test } from 'vitest';
import { resultOf, statusOf } from '../../src/domain/report.js';
import { uncertaintyOf } from '../../src/domain/uncertainty.js';
import type { RevokeAnswer, SmsAnswer } from '../../src/domain/evidence.js';
import { deliveryOf, START, type Known } from './known.js';

const accepted: Known = [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }];
const unanswered: Known = [1, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true }];
const unreachable: Known = [1, { kind: 'sendAnswered', answer: 'notFound', mayBeQueued: false }];
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

test.each<[Known[], string]>([
  [[accepted, ...revoke('failed')], 'RBM accepted the message, which could not be taken back; no SMS was sent.'],
  [
    [unanswered, ...revoke('notFound')],
    'RBM may have got the message, and did not have it when it was to be taken back: it never got there, or was delivered; no SMS was sent.',
  ],
  [
    [accepted, ...revoke('notFound')],
    'RBM accepted the message, and did not have it any more when it was to be taken back, perhaps because it was delivered; no SMS was sent.',
  ],
  [
    [accepted, ...revoke('revoked'), contradicted],
    'RBM accepted the message, and whether it was taken back is not sure; no SMS was sent.',
  ],
  [
    [accepted, ...revoke('revoked'), ...sms('unanswered')],
    'RBM accepted the message, which was taken back; the SMS may have been sent.',
  ],
  [
    [accepted, ...revoke('unanswered'), ...sms('refused')],
    'RBM accepted the message, which could not be taken back; the SMS could not be sent.',
  ],
  [
    [accepted, ...revoke('refused'), ...sms('accepted'), undelivered],
    'RBM accepted the message, which could not be taken back; the SMS did not arrive.',
  ],
  [[unreachable, ...sms('unanswered')], 'RBM never took the message; the SMS may have been sent.'],
])('%j', (known, sentence) => {
  expect(uncertaintyOf(deliveryOf(known))).toBe(sentence);
});

test('it is told with UNCERTAIN, in the status and in the result, and with no other', () => {
  const uncertain = deliveryOf([accepted, ...revoke('failed')], { messageTrafficType: 'PROMOTION' });
  const uncertainty = uncertaintyOf(uncertain);
  const late = START + 3_700_000;
  expect(statusOf(uncertain, late)).toMatchObject({ outcome: 'UNCERTAIN', uncertainty });
  expect(resultOf(uncertain, 'UNCERTAIN', late)).toMatchObject({ uncertainty });
  expect(statusOf(uncertain, START + 65_000)).not.toHaveProperty('uncertainty');
  expect(resultOf(uncertain, 'REVOKED', late)).not.toHaveProperty('uncertainty');
});
