import { expect, test } from 'vitest';
import { statusOf } from '../../src/domain/report.js';
import { snapshotOf } from '../../src/domain/snapshot.js';
import { deliveryOf, START, type Known } from './known.js';

test.each([
  ['send', '35s'],
  // It has no deadline to be late for.
  ['hold', '0s'],
] as const)('the lateness of an SMS under %s', (whenUncertain, lateness) => {
  const known: Known[] = [[125, { kind: 'smsRequested' }]];
  const delivery = deliveryOf(known, { fallback: { sms: { text: 'x' }, whenUncertain } });
  expect(statusOf(snapshotOf(delivery, START + 126_000)).sms).toMatchObject({ lateness });
});
