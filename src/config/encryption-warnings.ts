import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { isLoopback } from './loopback.js';
import { hostOf } from './production.js';
import type { TemporalConnection } from './temporal-connection.js';

interface Connections {
  readonly temporal: TemporalConnection;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
}

/** What is not encrypted without keys. The webhook writes nothing but its own signals. */
const UNENCRYPTED = {
  worker: 'Temporal stores phone numbers and texts unencrypted (docs/encryption.md)',
  webhook:
    "its signals hold the senders' phone numbers unencrypted, and workers with PAYLOAD_ENCRYPTION_REQUIRED set them aside (docs/encryption.md)",
} as const;

/** What a role that serves deliveries logs at its start while messages can be read along the way. */
export function encryptionWarnings(
  role: keyof typeof UNENCRYPTED,
  { temporal, encryptionKeys }: Connections,
): readonly string[] {
  const inCleartext = !temporal.options.tls && !isLoopback(hostOf(temporal.address));
  return [
    ...(encryptionKeys === undefined ? [`PAYLOAD_ENCRYPTION_KEYS is not set: ${UNENCRYPTED[role]}`] : []),
    ...(inCleartext ? [`${WITHOUT_TLS} (${temporal.address})`] : []),
  ];
}

const WITHOUT_TLS = 'TEMPORAL_TLS is not set: the connection to Temporal is not encrypted';
