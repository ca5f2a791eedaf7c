import { ApplicationFailure } from '@temporalio/common';
import { encodeErrorToFailure, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { expect, test } from 'vitest';
import { createDataConverter } from '../../src/index.js';
import { testKeys } from './test-keys.js';

test('without keys there is none', () => {
  expect(createDataConverter({})).toBeUndefined();
  expect(createDataConverter({ keys: [] })).toBeUndefined();
});

test("hides a failure's message, stack trace and details, and those of its causes", async () => {
  const converter = loadDataConverter(createDataConverter({ keys: testKeys('a') }));
  const error = ApplicationFailure.create({
    type: 'SmsRefused',
    message: 'marked message',
    details: ['marked details'],
    cause: new Error('marked cause'),
  });
  const failure = await encodeErrorToFailure(converter, error);
  expect(failure).toMatchObject({
    message: 'Encoded failure',
    stackTrace: '',
    applicationFailureInfo: { type: 'SmsRefused' },
    cause: { message: 'Encoded failure' },
  });
  expect(Buffer.from(JSON.stringify(failure)).toString()).not.toMatch(/marked|data-converter\.test/);
});
