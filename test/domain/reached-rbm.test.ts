import { expect, test } from 'vitest';
import { neverReachedRbm } from '../../src/domain/rcs.js';
import { deliveryOf, type Known } from './known.js';

const failed = (reason?: string): Known => [
  1,
  { kind: 'sendAnswered', answer: 'failed', mayBeQueued: false, ...(reason !== undefined && { reason }) },
];
const notSent = (reason: string): Known => [
  1,
  { kind: 'sendAnswered', answer: 'failed', mayBeQueued: false, notSent: true, reason },
];
const timeIsOver: Known = [60, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true, notSent: true }];
const stopped: Known = [60, { kind: 'sendAnswered', answer: 'stopped', mayBeQueued: true }];
const deleteNotSent: Known = [60, { kind: 'revokeAnswered', answer: 'refused', notSent: true, reason: 'ECONNREFUSED' }];
const deleteNotFound: Known = [60, { kind: 'revokeAnswered', answer: 'notFound', reason: '404 NOT_FOUND' }];
const delivered: Known = [61, { kind: 'delivered', eventId: 'e', sendTime: '' }];

test.each<[string, Known[], boolean]>([
  ['no create had a token', [notSent('no access token'), notSent('no access token')], true],
  ['neither create nor DELETE was sent', [notSent('ECONNREFUSED'), stopped, deleteNotSent], true],
  ['RBM answered once', [failed('503 UNAVAILABLE'), notSent('ECONNREFUSED')], false],
  ['RBM answered the DELETE', [notSent('ECONNREFUSED'), stopped, deleteNotFound], false],
  ['one attempt timed out', [notSent('ECONNREFUSED'), failed()], true],
  ['an earlier attempt reached RBM', [timeIsOver, deleteNotSent], false],
  ['a timeout says nothing', [failed()], false],
  ['it was delivered all the same', [notSent('no access token'), delivered], false],
  ['nothing was tried', [], false],
])('RBM was never reached: %s', (_, known, expected) => {
  expect(neverReachedRbm(deliveryOf(known).facts.rcs)).toBe(expected);
});
