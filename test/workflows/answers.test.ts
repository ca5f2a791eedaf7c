import { expect, test } from 'vitest';
import type { FailureDetails, FailureType } from '../../src/contract/failures.js';
import { revokeAnswer, sendAnswer } from '../../src/workflows/answers.js';
import { failure } from './rig.js';

test.each<[FailureType, FailureDetails, string | undefined]>([
  ['RbmNotSent', { code: 'NO_ACCESS_TOKEN' }, 'not sent, no access token'],
  ['RbmNotSent', { code: 'ECONNREFUSED' }, 'not sent, ECONNREFUSED'],
  ['RbmNotSent', {}, 'not sent'],
  ['RbmUnauthenticated', { code: 'invalid_grant' }, 'not sent, no access token (invalid_grant)'],
  ['RbmUnauthenticated', {}, 'not sent, no access token'],
  ['RbmUnauthenticated', { httpStatus: 401, code: 'UNAUTHENTICATED' }, '401 UNAUTHENTICATED'],
  ['RbmUnavailable', { httpStatus: 503 }, '503'],
  ['RbmUnanswered', {}, undefined],
])('the reason of %s %j is %s', (type, details, reason) => {
  expect(sendAnswer(failure(type, details))).toMatchObject({ answer: 'failed' });
  for (const finding of [sendAnswer(failure(type, details)), revokeAnswer(failure(type, details))]) {
    expect('reason' in finding ? finding.reason : undefined).toBe(reason);
  }
});
