import { Client, type ConnectionLike } from '@temporalio/client';
import { createDataConverter, parseEncryptionKeys } from 'rcs-message-delivery';

/** `keys` is the workers' PAYLOAD_ENCRYPTION_KEYS. If it is unset or empty, nothing is encrypted. */
export function createEncryptingClient(
  connection: ConnectionLike,
  namespace: string,
  keys: string | undefined,
): Client {
  const dataConverter = createDataConverter({ keys: parseEncryptionKeys(keys) });
  return new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
}
