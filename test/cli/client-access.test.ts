import { NamespaceNotFoundError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { explained } from '../../src/cli/client-access.js';
import { UsageError } from '../../src/cli/errors.js';
import type { TemporalConnection } from '../../src/config/temporal-connection.js';
import { NoWorkerError, TemporalRefusedError, TemporalUnavailableError } from '../../src/index.js';

const temporal: TemporalConnection = { address: 'temporal:7233', namespace: 'staging', options: {} };
const overTls = { ...temporal, options: { tls: true } };
const unavailable = (text: string) =>
  new TemporalUnavailableError('no connection', new Error(`No connection established. Last error: ${text}`));

test.each<[string, TemporalConnection, string]>([
  ['Error: connect ECONNREFUSED 127.0.0.1:7233', temporal, ': nothing is listening there'],
  [
    'Failed to connect (2026-11-26T16:19:35.835Z)',
    temporal,
    ': it closes the connection; if it expects TLS, set TEMPORAL_TLS=true',
  ],
  ['Failed to connect (2026-11-26T16:19:35.835Z)', overTls, ''],
  [
    'Error: 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:record.c:350',
    overTls,
    ': it does not use TLS, but TEMPORAL_TLS, an API key or a profile turns TLS on',
  ],
  [
    'Error: self-signed certificate',
    overTls,
    ': its certificate is not trusted: check TEMPORAL_TLS_SERVER_CA_CERT_* and TEMPORAL_TLS_SERVER_NAME',
  ],
  [
    'Error: 80:error:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required',
    overTls,
    ': it rejects the client certificate of TEMPORAL_TLS_CLIENT_CERT_*',
  ],
])('Temporal is out of reach: %s', (text, where, hint) => {
  const shown = explained(where, unavailable(text));
  expect(shown).toBeInstanceOf(TemporalUnavailableError);
  expect(shown).toHaveProperty('message', `Temporal is not available (no connection at temporal:7233${hint})`);
});

test('a refusal names the address, or the namespace that does not exist', () => {
  const denied = new TemporalRefusedError('PERMISSION_DENIED');
  expect(explained(temporal, denied)).toHaveProperty(
    'message',
    'Temporal refused the call (PERMISSION_DENIED at temporal:7233)',
  );
  const missing = new TemporalRefusedError('no such namespace', { cause: new NamespaceNotFoundError('staging') });
  const shown = explained(temporal, missing);
  expect(shown).toBeInstanceOf(UsageError);
  expect(shown).toHaveProperty('message', 'Temporal at temporal:7233 has no namespace staging (TEMPORAL_NAMESPACE)');
});

test('any other error stays as it is', () => {
  const error = new NoWorkerError(1);
  expect(explained(temporal, error)).toBe(error);
});
