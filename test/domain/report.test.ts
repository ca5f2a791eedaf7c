import { expect, test } from 'vitest';
import { statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { deliveryOf, START, type Known } from './known.js';

test('an SMS that was accepted without a usable id shows that, and no id', () => {
  const accepted = (providerMessageId: string): Known[] => [
    [125, { kind: 'smsRequested' }],
    [126, { kind: 'smsAnswered', answer: 'accepted', provider: 'http', providerMessageId }],
  ];
  const shown = (providerMessageId: string) => {
    const { sms, timeline } = statusOf(snapshotOf(deliveryOf(accepted(providerMessageId)), START + 126_000));
    return [sms?.providerMessageId, timeline.at(-1)?.detail];
  };
  expect(shown('sms-1')).toEqual(['sms-1', 'accepted']);
  expect(shown('')).toEqual([undefined, 'accepted, without a usable id']);
});

test.each([
  ['send', '35s'],
  // It has no deadline to be late for.
  ['hold', '0s'],
] as const)('the lateness of an SMS under %s', (whenUncertain, lateness) => {
  const known: Known[] = [[125, { kind: 'smsRequested' }]];
  const delivery = deliveryOf(known, { fallback: { sms: { text: 'x' }, whenUncertain } });
  expect(statusOf(snapshotOf(delivery, START + 126_000)).sms).toMatchObject({ lateness });
});
