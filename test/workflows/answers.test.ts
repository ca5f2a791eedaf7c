import { expect, test } from 'vitest';
import type { FailureDetails, FailureType } from '../../src/contract/failures.js';
import { revokeAnswer, sendAnswer } from '../../src/workflows/answers.js';
import { failure } from './rig.js';

test.each<[FailureType, FailureDetails, { readonly notSent?: true; readonly reason?: string }]>([
  ['RbmNotSent', { code: 'NO_ACCESS_TOKEN' }, { notSent: true, reason: 'no access token' }],
  ['RbmNotSent', { code: 'ECONNREFUSED' }, { notSent: true, reason: 'ECONNREFUSED' }],
  ['RbmNotSent', {}, { notSent: true }],
  ['RbmUnauthenticated', { code: 'invalid_grant' }, { notSent: true, reason: 'no access token (invalid_grant)' }],
  ['RbmUnauthenticated', {}, { notSent: true, reason: 'no access token' }],
  ['RbmUnauthenticated', { httpStatus: 401, code: 'UNAUTHENTICATED' }, { reason: '401 UNAUTHENTICATED' }],
  ['RbmUnavailable', { httpStatus: 503 }, { reason: '503' }],
  ['RbmUnanswered', {}, {}],
])('why a request failed with %s %j: %j', (type, details, why) => {
  expect(sendAnswer(failure(type, details))).toMatchObject({ answer: 'failed' });
  for (const finding of [sendAnswer(failure(type, details)), revokeAnswer(failure(type, details))]) {
    const { notSent, reason } = finding;
    expect({ ...(notSent && { notSent }), ...(reason !== undefined && { reason }) }).toEqual(why);
  }
});
