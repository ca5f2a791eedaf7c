import { expect, test } from 'vitest';
import * as client from '../../src/index.js';
import * as webhook from '../../src/webhook/index.js';

test('the client and the webhook export the same TemporalUnavailableError', () => {
  expect(webhook.TemporalUnavailableError).toBe(client.TemporalUnavailableError);
});

test('a DeliverySignals port of an embedder can throw it with a reason and a cause', () => {
  const cause = new Error('no route to host');
  const error = new webhook.TemporalUnavailableError('no connection', cause);
  expect(error).toBeInstanceOf(client.DeliveryError);
  expect(error).toMatchObject({
    name: 'TemporalUnavailableError',
    code: 'TEMPORAL_UNAVAILABLE',
    reason: 'no connection',
    message: 'Temporal is not available (no connection)',
    cause,
  });
});
