import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { createLogger } from '../../src/observability/logger.js';
import { createCurrentOptions } from '../../src/temporal/current-options.js';
import { CERTIFICATE, EXPIRED_CERTIFICATE, OTHER_PRIVATE_KEY, PRIVATE_KEY } from '../config/tls-files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'options-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const REVOKED = '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n';
const garbled = CERTIFICATE.replace(/^MII.{20}/m, 'MIIxxxxxxxxxxxxxxxxxxxx');

/** The reasons why new files are not used; none if they are. */
async function reasonsAfter(written: { readonly pair: string; readonly authority: string }) {
  const write = (name: string, content: string) => writeFile(join(folder, name), content);
  await write('pair.pem', CERTIFICATE + PRIVATE_KEY);
  await write('ca.pem', CERTIFICATE);
  const { temporal } = readClientConfig({
    TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, 'pair.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, 'pair.pem'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'ca.pem'),
  });
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'warn', role: 'worker', destination });
  const current = createCurrentOptions({ temporal, logger });
  const before = current();
  await write('pair.pem', written.pair);
  await write('ca.pem', written.authority);
  expect(current() === before).toBe(lines.length > 0);
  return lines.map((line) => (JSON.parse(line) as { readonly reason: unknown }).reason);
}

test.each([
  ['a key after it', PRIVATE_KEY, ''],
  ['revoked certificates beside its authority', PRIVATE_KEY, REVOKED],
  ['more authorities', PRIVATE_KEY, EXPIRED_CERTIFICATE],
])('a new certificate is used with %s', async (_what, key, more) => {
  const reasons = await reasonsAfter({ pair: key + CERTIFICATE, authority: more + CERTIFICATE + more });
  expect(reasons).toEqual([]);
});

test.each([
  ['no certificate', PRIVATE_KEY, CERTIFICATE, 'the certificate is incomplete'],
  ['a garbled one', garbled + PRIVATE_KEY, CERTIFICATE, 'the certificate is incomplete'],
  ['a garbled one in its chain', CERTIFICATE + garbled + PRIVATE_KEY, CERTIFICATE, 'the certificate is incomplete'],
  ['another key', CERTIFICATE + OTHER_PRIVATE_KEY, CERTIFICATE, /do not belong together/],
  ['no authority', PRIVATE_KEY + CERTIFICATE, REVOKED, "the server's CA certificate is incomplete"],
  ['a cut one', PRIVATE_KEY + CERTIFICATE, CERTIFICATE.slice(0, 90), "the server's CA certificate is incomplete"],
])('new files with %s change nothing', async (_what, pair, authority, reason) => {
  expect(await reasonsAfter({ pair, authority })).toEqual([expect.stringMatching(reason) as string]);
});
