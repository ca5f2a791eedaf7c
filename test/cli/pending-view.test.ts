import { expect, test } from 'vitest';
import { pendingLine } from '../../src/cli/pending-view.js';
import type { PendingRequest } from '../../src/temporal/pending-requests.js';

const now = Date.parse('2026-11-21T00:10:00.000Z');
const at = (seconds: number) => new Date(now + seconds * 1_000).toISOString();

test.each<[PendingRequest, string]>([
  [
    {
      ...{ activity: 'sendRcs', state: 'waiting', attempt: 4, dueTime: at(12) },
      lastFailure: { type: 'RbmUnavailable', httpStatus: 503, code: 'UNAVAILABLE' },
    },
    'create at RBM: attempt 4 at 00:10:12Z (in 12s). Last answer: 503 UNAVAILABLE',
  ],
  [
    { activity: 'revokeRcs', state: 'running', attempt: 1, startedTime: at(-2), worker: 'w@1' },
    'DELETE at RBM: attempt 1 is under way, at the worker w@1',
  ],
  [
    { activity: 'sendSms', state: 'running', attempt: 1, startedTime: at(-40), worker: 'w@1' },
    'SMS request: attempt 1 has been under way for 40s; its worker may be gone, at the worker w@1',
  ],
  [{ activity: 'sendSms', state: 'waiting', attempt: 1, dueTime: at(-1) }, 'SMS request: attempt 1 waits for a worker'],
  [
    { activity: 'sendSms', state: 'waiting', attempt: 1, dueTime: at(-61) },
    'SMS request: attempt 1 is due since 00:08:59Z, and no worker has taken it',
  ],
  [{ activity: 'sendSms', state: 'waiting', attempt: 1 }, 'SMS request: attempt 1 waits for a worker'],
  [{ activity: 'later', state: 'paused', attempt: 2 }, 'later: attempt 2 is paused by an operator'],
  [
    { activity: 'sendRcs', state: 'paused', attempt: 2, lastFailure: { timedOut: true } },
    'create at RBM: attempt 2 is paused by an operator. Last answer: none, the attempt timed out',
  ],
  [
    { activity: 'sendRcs', state: 'paused', attempt: 2, lastFailure: { type: 'RbmNotSent', code: 'ECONNREFUSED' } },
    'create at RBM: attempt 2 is paused by an operator. Last answer: not sent, ECONNREFUSED',
  ],
  [
    { activity: 'sendRcs', state: 'paused', attempt: 2, lastFailure: { type: 'TypeError' } },
    'create at RBM: attempt 2 is paused by an operator. Last answer: TypeError',
  ],
  [
    { activity: 'sendRcs', state: 'paused', attempt: 2, lastFailure: {} },
    'create at RBM: attempt 2 is paused by an operator. Last answer: unknown',
  ],
])('%j', (request, line) => {
  expect(pendingLine(request, now)).toBe(line);
});
