import { afterAll, beforeAll, describe } from 'vitest';
import { describeRevocation } from './suites/revocation.js';
// Imported here because its hooks must be outside the suites below.
import { stack } from './support/one-stack.js';

describe('outcomes', async () => {
  await import('./suites/outcomes.js');
});

describe('sending', async () => {
  await import('./suites/sending.js');
});

describe.each(['new', 'old'] as const)('revocation, under the %s reading of the answers to DELETE', (deleteReading) => {
  beforeAll(() => {
    stack().simulator.setDeleteReading(deleteReading);
  });
  afterAll(() => {
    stack().simulator.setDeleteReading('new');
  });
  describeRevocation(deleteReading, stack);
});

describe('the SMS', async () => {
  await import('./suites/sms-leg.js');
});

describe('the contract', async () => {
  await import('./suites/contract.js');
});
