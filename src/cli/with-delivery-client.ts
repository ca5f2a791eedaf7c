import type { Client, Connection } from '@temporalio/client';
import { createDeliveryClient, type DeliveryClient } from '../client/delivery-client.js';
import { readClientConfig, readStarterConfig, type ClientConfig } from '../config/client-config.js';
import { inTermsOf } from './temporal-words.js';
import { createTemporalClient } from '../temporal/temporal-client.js';

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
  const { temporal, taskQueue, recipientHashKey } = config;
  // It connects at the first call, so that a wrong input is reported even where Temporal is down. Without interceptors the
  // SDK retries nothing: a person waits, and a retry that is due after close() would crash the process.
  const { client, connection, stopTracing } = await createTemporalClient(config, {
    serviceName: 'rcs-delivery-cli',
    connection: { interceptors: [] },
  });
  try {
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
