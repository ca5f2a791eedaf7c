import { Client, Connection } from '@temporalio/client';
import { TemporalUnavailableError } from '../client/client-errors.js';
import { createDeliveryClient, type DeliveryClient } from '../client/delivery-client.js';
import { readClientConfig } from '../config/client-config.js';
import { createDataConverter } from '../encryption/data-converter.js';

/** Runs `use` with a client made from the environment, and closes its connection. */
export async function withDeliveryClient<T>(use: (client: DeliveryClient) => Promise<T>): Promise<T> {
  const { temporal, taskQueue, encryptionKeys, recipientHashKey } = readClientConfig();
  const dataConverter = createDataConverter({ keys: encryptionKeys });
  // Lazy: a wrong input is told before Temporal is needed.
  // No interceptors, so that nothing is retried: whoever types a command wants to know at once, and a retry of the SDK's
  // that is due after close() would end the process.
  const connection = Connection.lazy({ ...temporal.options, interceptors: [] });
  try {
    const client = new Client({ connection, namespace: temporal.namespace, ...(dataConverter && { dataConverter }) });
    return await use(
      createDeliveryClient({ client, taskQueue, searchAttributes: { ...(recipientHashKey && { recipientHashKey }) } }),
    );
  } catch (error) {
    if (!(error instanceof TemporalUnavailableError)) throw error;
    throw new TemporalUnavailableError(`${error.reason} at ${temporal.address}`, { cause: error });
  } finally {
    await connection.close();
  }
}
