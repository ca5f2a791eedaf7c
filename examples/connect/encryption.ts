import { Client, type ConnectionLike } from '@temporalio/client';
import { createDataConverter, parseEncryptionKeys } from 'rcs-message-delivery';

/** `keys` is PAYLOAD_ENCRYPTION_KEYS, the same as the workers have. */
export function createEncryptingClient(connection: ConnectionLike, namespace: string, keys: string): Client {
  const dataConverter = createDataConverter({ keys: parseEncryptionKeys(keys) });
  return new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
}
