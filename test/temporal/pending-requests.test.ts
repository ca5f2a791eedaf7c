import { ApplicationFailure } from '@temporalio/common';
import { encodeErrorToFailure, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { expect, test } from 'vitest';
import { FailureType } from '../../src/contract/failures.js';
import { createDataConverter } from '../../src/index.js';
import { pendingRequests } from '../../src/temporal/pending-requests.js';
import { testKeys } from '../encryption/test-keys.js';

const keys = loadDataConverter(createDataConverter({ keys: testKeys('current') }));
const none = loadDataConverter();
const [WAITING, RUNNING, CANCELLING, PAUSED] = [1, 2, 3, 4];
const second = (seconds: number) => msNumberToTs(seconds * 1_000);

test('reads a failure that the keys decrypt; without them, its type', async () => {
  const error = ApplicationFailure.create({
    ...{ type: FailureType.RbmUnavailable, message: 'marked' },
    details: [{ httpStatus: 503, code: 'UNAVAILABLE' }],
  });
  const lastFailure = await encodeErrorToFailure(keys, error);
  const raw = { pendingActivities: [{ activityType: { name: 'sendRcs' }, state: WAITING, attempt: 3, lastFailure }] };
  const request = { activity: 'sendRcs', state: 'waiting', attempt: 3 };
  const type = 'RbmUnavailable';
  expect(await pendingRequests(raw, keys)).toEqual([
    { ...request, lastFailure: { type, httpStatus: 503, code: 'UNAVAILABLE' } },
  ]);
  expect(await pendingRequests(raw, none)).toEqual([{ ...request, lastFailure: { type } }]);
});

test('reads times, workers and timeouts', async () => {
  const pendingActivities = [
    { state: WAITING, attempt: 1, scheduledTime: second(10), nextAttemptScheduleTime: null },
    { state: WAITING, attempt: 2, scheduledTime: second(10), nextAttemptScheduleTime: second(20) },
    { state: RUNNING, attempt: 1, lastStartedTime: second(30), lastWorkerIdentity: 'w@1', expirationTime: second(90) },
    { state: CANCELLING, attempt: 1, lastStartedTime: second(30) },
    { state: PAUSED, attempt: 1, lastFailure: { timeoutFailureInfo: { timeoutType: 1 } } },
  ];
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
  expect(await pendingRequests({ pendingActivities }, none)).toEqual([
    { activity: '', state: 'waiting', attempt: 1, dueTime: at(10) },
    { activity: '', state: 'waiting', attempt: 2, dueTime: at(20) },
    { activity: '', state: 'running', attempt: 1, startedTime: at(30), lastTime: at(90), worker: 'w@1' },
    { activity: '', state: 'running', attempt: 1, startedTime: at(30) },
    { activity: '', state: 'paused', attempt: 1, lastFailure: { timedOut: true } },
  ]);
  expect(await pendingRequests({}, none)).toEqual([]);
});
