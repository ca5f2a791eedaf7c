import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { isLoopback } from './loopback.js';
import { hostOf } from './production.js';
import type { TemporalConnection } from './temporal-connection.js';

interface Connections {
  readonly temporal: TemporalConnection;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
}

/** What a role that serves deliveries logs at its start while messages can be read along the way. */
export function encryptionWarnings({ temporal, encryptionKeys }: Connections): readonly string[] {
  const inCleartext = !temporal.options.tls && !isLoopback(hostOf(temporal.address));
  return [
    ...(encryptionKeys === undefined ? [UNENCRYPTED] : []),
    ...(inCleartext ? [`${WITHOUT_TLS} (${temporal.address})`] : []),
  ];
}

const UNENCRYPTED =
  'PAYLOAD_ENCRYPTION_KEYS is not set: Temporal stores phone numbers and texts unencrypted (docs/encryption.md)';
const WITHOUT_TLS = 'TEMPORAL_TLS is not set: the connection to Temporal is not encrypted';
