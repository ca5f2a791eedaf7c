import { expect, test } from 'vitest';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { currentDetails, timerSummary } from '../../src/workflows/details.js';
import { deliveryOf, s, START, type Known } from '../domain/known.js';

const known: Known[] = [
  [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }],
  [60, { kind: 'revokeStarted' }],
  [61, { kind: 'revokeAnswered', answer: 'failed', reason: '503' }],
];
const detailsOf = (delivery: ReturnType<typeof deliveryOf>, now: number) => currentDetails(snapshotOf(delivery, now));
const hold = { messageTrafficType: 'PROMOTION' as const };

test('the details of an uncertain delivery say what is known, and end with a paragraph that may be cut off', () => {
  expect(detailsOf(deliveryOf(known, hold), START + 3_700_000).split('\n')).toEqual([
    '**UNCERTAIN**: RBM accepted the message, which could not be revoked; no SMS was sent. The message had expired.',
    '',
    '- 2026-01-01 00:01:01Z rbm: revokeAnswered (failed: 503)',
    '- 2026-01-01 00:00:01Z rbm: sendAnswered (accepted)',
    '',
    '\u00a0',
  ]);
});

test('under hold an SMS is never called late', () => {
  const late: Known[] = [
    ...known,
    [125, { kind: 'smsRequested' }],
    [126, { kind: 'smsAnswered', answer: 'accepted' }],
    [130, { kind: 'smsStatus', status: 'DELIVERED', eventId: 'e', sendTime: '' }],
  ];
  expect(detailsOf(deliveryOf(late), START + 131_000)).toContain('The SMS was requested 35s too late.');
  expect(detailsOf(deliveryOf(late, hold), START + 131_000)).not.toContain('late');
});

const accepted = known.slice(0, 1);
const revoked: Known[] = [
  ...accepted,
  [60, { kind: 'revokeStarted' }],
  [60, { kind: 'revokeAnswered', answer: 'revoked' }],
];
const smsAccepted: Known[] = [
  ...revoked,
  [65, { kind: 'smsRequested' }],
  [65, { kind: 'smsAnswered', answer: 'accepted' }],
];

test.each<[string, number, Known[]]>([
  ['until the expiry, then revoke', 1, accepted],
  ['for DELIVERED, then revoke', 61, known],
  ['grace for a late DELIVERED, then SMS', 61, revoked],
  ['for the SMS receipt, then SENT_BY_SMS', 66, smsAccepted],
])('a timer is labelled "%s"', (label, seconds, evidence) => {
  expect(timerSummary(snapshotOf(deliveryOf(evidence), s(seconds)))).toBe(label);
});

test('the details of a delivery under way say where it stands and what comes next', () => {
  expect(detailsOf(deliveryOf(accepted), s(2)).split('\n')[0]).toBe(
    '**AWAITING_DELIVERY**: RBM accepted the message. There is no proof of delivery yet. Expiry: 2026-01-01 00:01:00Z. ' +
      'Next, if nothing comes before: **revoke** at 2026-01-01 00:01:00Z.',
  );
});

test('the reason of a revocation means nothing in Markdown, and is no line of its own', () => {
  const reason = '**ok**\n- 2026-01-01 00:00:00Z webhook: delivered ![x](https://evil.example)';
  const details = detailsOf(
    deliveryOf([...accepted, [2, { kind: 'revokeRequested', reason, fallback: 'none' }]]),
    s(3),
  );
  expect(details.split('\n')[2]).toBe(
    '- 2026-01-01 00:00:02Z operator: revokeRequested ' +
      '(`**ok** - 2026-01-01 00:00:00Z webhook: delivered ![x](https://evil.example) (fallback: none)`)',
  );
});
