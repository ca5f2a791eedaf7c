import { expect, test } from 'vitest';
import { neverReachedRbm } from '../../src/domain/reach.js';
import { deliveryOf, type Known } from './known.js';

const failed = (reason?: string): Known => [
  1,
  { kind: 'sendAnswered', answer: 'failed', mayBeQueued: false, ...(reason !== undefined && { reason }) },
];
const timeIsOver: Known = [60, { kind: 'sendAnswered', answer: 'failed', mayBeQueued: true, reason: 'not sent' }];
const stopped: Known = [60, { kind: 'sendAnswered', answer: 'stopped', mayBeQueued: true }];
const deleteNotSent: Known = [60, { kind: 'revokeAnswered', answer: 'refused', reason: 'not sent, ECONNREFUSED' }];
const notFound: Known = [60, { kind: 'revokeAnswered', answer: 'notFound', reason: '404 NOT_FOUND' }];
const delivered: Known = [61, { kind: 'delivered', eventId: 'e', sendTime: '' }];

test.each<[string, Known[], boolean]>([
  ['no create had a token', [failed('not sent, no access token'), failed('not sent, no access token')], true],
  ['nor could it be taken back', [failed('not sent, ECONNREFUSED'), stopped, deleteNotSent], true],
  ['RBM answered once', [failed('503 UNAVAILABLE'), failed('not sent, ECONNREFUSED')], false],
  ['RBM answered the DELETE', [failed('not sent, ECONNREFUSED'), stopped, notFound], false],
  ['one was cut off', [failed('not sent, ECONNREFUSED'), failed()], true],
  ['an attempt before got there', [timeIsOver, deleteNotSent], false],
  ['a timeout tells nothing', [failed()], false],
  ['it was delivered all the same', [failed('not sent, no access token'), delivered], false],
  ['nothing was tried', [], false],
])('RBM was never reached: %s', (_, known, expected) => {
  expect(neverReachedRbm(deliveryOf(known))).toBe(expected);
});
