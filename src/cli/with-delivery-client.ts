import { Client, Connection } from '@temporalio/client';
import { createDeliveryClient, type DeliveryClient } from '../client/delivery-client.js';
import { readClientConfig, readStarterConfig, type ClientConfig } from '../config/client-config.js';
import { createDataConverter } from '../encryption/data-converter.js';
import { inTermsOf } from './temporal-words.js';
import { traceIfAsked } from '../temporal/trace-client.js';

/** What a command has at hand. */
export interface Access {
  readonly deliveries: DeliveryClient;
  readonly client: Client;
  readonly connection: Connection;
  readonly config: ClientConfig;
}

/** Runs `use` with a client made from the environment, and closes its connection. `starts`: it starts deliveries. */
export async function withDeliveryClient<T>(
  use: (client: DeliveryClient) => Promise<T>,
  { starts = false }: { readonly starts?: boolean } = {},
): Promise<T> {
  return withAccess(({ deliveries }) => use(deliveries), starts ? readStarterConfig() : readClientConfig());
}

/** The same for commands that also need Temporal itself. */
export async function withAccess<T>(
  use: (access: Access) => Promise<T>,
  config: ClientConfig = readClientConfig(),
): Promise<T> {
  const { temporal, taskQueue, encryptionKeys, recipientHashKey } = config;
  const dataConverter = createDataConverter({ keys: encryptionKeys });
  // Lazy: a wrong input is told before Temporal is needed.
  // No interceptors, so that nothing is retried: whoever types a command wants to know at once, and a retry of the SDK's
  // that is due after close() would end the process.
  const connection = Connection.lazy({ ...temporal.options, interceptors: [] });
  const { interceptors, stopTracing } = await traceIfAsked(config, { serviceName: 'rcs-delivery-cli' });
  try {
    const { namespace } = temporal;
    const client = new Client({ connection, namespace, interceptors, ...(dataConverter && { dataConverter }) });
    const searchAttributes = { ...(recipientHashKey !== undefined && { recipientHashKey }) };
    const deliveries = createDeliveryClient({ client, taskQueue, searchAttributes });
    return await use({ deliveries, client, connection, config });
  } catch (error) {
    throw inTermsOf(temporal, error);
  } finally {
    await stopTracing();
    await connection.close();
  }
}
