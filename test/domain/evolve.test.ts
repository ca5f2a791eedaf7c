import { expect, test } from 'vitest';
import { evolve, learn } from '../../src/domain/delivery.js';
import type { Evidence } from '../../src/domain/evidence.js';
import { deliveryOf, s, type Known } from './known.js';

const known: Known[] = [
  [0, { kind: 'sendStarted', how: 'local', platformExpiresAt: s(120) }],
  [1, { kind: 'sendAnswered', answer: 'accepted', mayBeQueued: true }],
  [60, { kind: 'revokeStarted' }],
  [61, { kind: 'revokeAnswered', answer: 'revoked' }],
];
const failed: Evidence = { at: s(63), kind: 'ttlExpirationRevokeFailed', eventId: 'e', sendTime: '' };

test('a TTL_EXPIRATION_REVOKE_FAILED contradicts the 200 before it', () => {
  const { facts } = deliveryOf(known);
  expect(facts.rcs).toMatchObject({ deletedAt: s(61), ttlExpirationRevokeFailedAt: undefined });
  expect(evolve(facts, failed).rcs).toMatchObject({ deletedAt: undefined, ttlExpirationRevokeFailedAt: s(63) });
});

test('a create that ends after a DELETE was started voids its 200, whichever comes first', () => {
  const [started, accepted, ...revoked] = known.map(([seconds, finding]) => ({ at: s(seconds), ...finding }));
  if (started === undefined || accepted === undefined) throw new Error('no create');
  const after = [started, ...revoked, accepted].reduce(evolve, deliveryOf([]).facts);
  expect(after.rcs).toMatchObject({ deletedAt: undefined, needsDelete: true });
  const between = [started, ...revoked.slice(0, 1), accepted, ...revoked.slice(1)].reduce(evolve, deliveryOf([]).facts);
  expect(between.rcs).toMatchObject({ deletedAt: undefined, needsDelete: true });
});

test('learning one by one gives the facts of the whole list', () => {
  const { evidence, facts } = deliveryOf(known);
  expect(evidence.reduce(learn, deliveryOf([])).facts).toEqual(facts);
});
