import { expect, test } from 'vitest';
import { describe as detailsOf } from '../../src/workflows/details.js';
import { deliveryOf, START, type Known } from '../domain/known.js';

const known: Known[] = [
  [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }],
  [60, { kind: 'revokeStarted' }],
  [61, { kind: 'revokeAnswered', answer: 'failed', reason: '503' }],
];
const hold = { messageTrafficType: 'PROMOTION' as const };

test('of an uncertain delivery the details say what is known, and end with a paragraph that may be cut off', () => {
  expect(detailsOf(deliveryOf(known, hold), START + 3_700_000).split('\n')).toEqual([
    '**UNCERTAIN**: RBM accepted the message, which could not be taken back; no SMS was sent.',
    '',
    '- 2026-01-01 00:01:01Z rbm: revokeAnswered (failed: 503)',
    '- 2026-01-01 00:00:01Z rbm: sendAnswered (accepted)',
    '',
    '\u00a0',
  ]);
});

test('a held SMS is not told to be late', () => {
  const late: Known[] = [
    ...known,
    [125, { kind: 'smsRequested' }],
    [126, { kind: 'smsAnswered', answer: 'accepted' }],
    [130, { kind: 'smsStatus', status: 'DELIVERED', eventId: 'e', sendTime: '' }],
  ];
  expect(detailsOf(deliveryOf(late), START + 131_000)).toContain('The SMS was requested 35s too late.');
  expect(detailsOf(deliveryOf(late, hold), START + 131_000)).not.toContain('late');
});
