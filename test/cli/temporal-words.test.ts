import { NamespaceNotFoundError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/cli/usage-error.js';
import { inTermsOf } from '../../src/cli/temporal-words.js';
import type { TemporalConnection } from '../../src/config/temporal-connection.js';
import { NoWorkerError, TemporalRefusedError, TemporalUnavailableError } from '../../src/index.js';

const temporal: TemporalConnection = { address: 'temporal:7233', namespace: 'staging', options: {} };
const overTls = { ...temporal, options: { tls: true } };
const unavailable = (words: string) =>
  new TemporalUnavailableError('no connection', new Error(`No connection established. Last error: ${words}`));

test.each<[string, TemporalConnection, string]>([
  ['Error: connect ECONNREFUSED 127.0.0.1:7233', temporal, ': nobody listens there'],
  ['Failed to connect (2026-11-26T16:19:35.835Z)', temporal, ': it hangs up; if it wants TLS, set TEMPORAL_TLS=true'],
  ['Failed to connect (2026-11-26T16:19:35.835Z)', overTls, ''],
  [
    'Error: 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:record.c:350',
    overTls,
    ': it speaks no TLS, which TEMPORAL_TLS, an API key or a profile asks for',
  ],
  [
    'Error: self-signed certificate',
    overTls,
    ': its certificate is not trusted: see TEMPORAL_TLS_SERVER_CA_CERT_* and TEMPORAL_TLS_SERVER_NAME',
  ],
  [
    'Error: 80:error:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required',
    overTls,
    ': it does not accept the certificate of TEMPORAL_TLS_CLIENT_CERT_*',
  ],
])('out of reach: %s', (words, where, hint) => {
  const told = inTermsOf(where, unavailable(words));
  expect(told).toBeInstanceOf(TemporalUnavailableError);
  expect(told).toHaveProperty('message', `Temporal is not available (no connection at temporal:7233${hint})`);
});

test('a refusal names who refused, and a namespace that is missing', () => {
  const denied = new TemporalRefusedError('PERMISSION_DENIED');
  expect(inTermsOf(temporal, denied)).toHaveProperty(
    'message',
    'Temporal refused the call (PERMISSION_DENIED at temporal:7233)',
  );
  const missing = new TemporalRefusedError('no such namespace', { cause: new NamespaceNotFoundError('staging') });
  const told = inTermsOf(temporal, missing);
  expect(told).toBeInstanceOf(UsageError);
  expect(told).toHaveProperty('message', 'Temporal at temporal:7233 has no namespace staging (TEMPORAL_NAMESPACE)');
});

test('any other error stays what it is', () => {
  const error = new NoWorkerError(1);
  expect(inTermsOf(temporal, error)).toBe(error);
});
