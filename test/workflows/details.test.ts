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
    '**UNCERTAIN**: RBM accepted the message, which could not be revoked; no SMS was sent. ' +
      'No revocation was confirmed within 1 h. If the person must have the text, send it another way: ' +
      'they may then get it twice. The message had expired.',
    '',
    '- 2026-01-01 00:00:01Z rbm: sendAnswered (accepted)',
    '- 2026-01-01 00:01:01Z rbm: revokeAnswered (failed: 503)',
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
  ['until expiry, then revoke', 1, accepted],
  ['wait for DELIVERED, then revoke', 61, known],
  ['grace, then SMS', 61, revoked],
  ['wait for the SMS receipt, then settle as SENT_BY_SMS', 66, smsAccepted],
])('a timer is labelled "%s"', (label, seconds, evidence) => {
  expect(timerSummary(snapshotOf(deliveryOf(evidence), s(seconds)))).toBe(label);
});

test('the details of a delivery under way say where it stands and what comes next', () => {
  expect(detailsOf(deliveryOf(accepted), s(2)).split('\n')[0]).toBe(
    '**AWAITING_DELIVERY**: RBM accepted the message. There is no proof of delivery yet. ' +
      'Without a proof, it is revoked at **2026-01-01 00:01:00Z**, then the SMS is sent.',
  );
});

test('the reason of a revocation means nothing in Markdown, and is no line of its own', () => {
  const reason = '**ok**\n- 2026-01-01 00:00:00Z webhook: delivered ![x](https://evil.example)';
  const details = detailsOf(
    deliveryOf([...accepted, [2, { kind: 'revokeRequested', reason, fallback: 'none' }]]),
    s(3),
  );
  expect(details.split('\n')[3]).toBe(
    '- 2026-01-01 00:00:02Z operator: revokeRequested ' +
      '(`**ok** - 2026-01-01 00:00:00Z webhook: delivered ![x](https://evil.example) (fallback: none)`)',
  );
});

test('the details show the latest evidence, oldest first, and say how much came before', () => {
  const answers = Array.from({ length: 6 }, (_, n): Known[] => [
    [60 + n, { kind: 'revokeStarted' }],
    [60 + n, { kind: 'revokeAnswered', answer: 'failed' }],
  ]).flat();
  expect(
    detailsOf(deliveryOf([...accepted, ...answers], hold), s(66))
      .split('\n')
      .slice(2),
  ).toEqual([
    '- 3 earlier',
    ...[62, 63, 64, 65].map((at) => `- 2026-01-01 00:01:0${String(at - 60)}Z rbm: revokeAnswered (failed)`),
    '',
    '\u00a0',
  ]);
});

test('no time is written twice', () => {
  for (const [at, evidence] of [
    [2, accepted],
    [61, known],
    [61, revoked],
    [66, smsAccepted],
  ] as const) {
    const [headline = ''] = detailsOf(deliveryOf(evidence), s(at)).split('\n');
    const times = headline.match(/\d\d:\d\d:\d\dZ/g) ?? [];
    expect(new Set(times).size, headline).toBe(times.length);
  }
});

test('an SMS after a revocation that was never confirmed says that both messages may come', () => {
  const both: Known[] = [
    ...known,
    [90, { kind: 'smsRequested' }],
    [91, { kind: 'smsAnswered', answer: 'accepted', provider: 'http', providerMessageId: 'a' }],
    [92, { kind: 'smsStatus', status: 'DELIVERED', eventId: 'e', sendTime: '' }],
  ];
  expect(detailsOf(deliveryOf(both), s(500)).split('\n')[0]).toBe(
    '**DELIVERED_BY_SMS**: The phone has the SMS. RBM never confirmed the revocation, so the RCS message may come too. ' +
      'The message had expired.',
  );
});

test('under hold the details promise no SMS without a confirmation', () => {
  expect(detailsOf(deliveryOf(accepted, hold), s(2)).split('\n')[0]).toMatch(
    /, then the SMS is sent once that is confirmed\.$/,
  );
});
