import { Client, Connection } from '@temporalio/client';
import { TemporalUnavailableError } from '../client/client-errors.js';
import { createDeliveryClient, type DeliveryClient } from '../client/delivery-client.js';
import { readClientConfig } from '../config/client-config.js';

/** Runs `use` with a client made from the environment, and closes its connection. */
export async function withDeliveryClient<T>(use: (client: DeliveryClient) => Promise<T>): Promise<T> {
  const { temporal, taskQueue } = readClientConfig();
  // Lazy: a wrong input is told before Temporal is needed.
  const connection = Connection.lazy(temporal.options);
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    return await use(createDeliveryClient({ client, taskQueue }));
  } catch (error) {
    if (!(error instanceof TemporalUnavailableError)) throw error;
    throw new TemporalUnavailableError(`${error.reason} at ${temporal.address}`, { cause: error });
  } finally {
    await connection.close();
  }
}
