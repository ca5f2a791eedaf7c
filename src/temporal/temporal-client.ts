import { Client, Connection, type ClientInterceptors, type ConnectionOptions } from '@temporalio/client';
import type { TemporalConnection } from '../config/temporal-connection.js';
import type { TracingConfig } from '../config/tracing-config.js';
import { createDataConverter } from '../encryption/data-converter.js';
import { readProxies, type ProxyVariables } from '../http/proxies.js';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import type { TracingOptions } from '../observability/tracing.js';
import { clientConnectionOptions } from './client-connection.js';
import { createCurrentOptions } from './current-options.js';
import { identityOf } from './identity.js';

export interface TemporalClientConfig extends TracingConfig {
  readonly temporal: TemporalConnection;
  /** Undefined: there are none. */
  readonly proxies?: ProxyVariables;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
}

export interface TemporalClientOptions extends TracingOptions {
  /** Added to the configured options of the connection. */
  readonly connection: ConnectionOptions;
}

export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  /** Exports the remaining spans, in two seconds at most. */
  readonly stopTracing: () => Promise<void>;
}

/**
 * A client that encrypts and traces as configured, and whose identity names `serviceName`. It connects at its first call,
 * and reconnects by itself, then with the certificates of the moment.
 */
export async function createTemporalClient(
  config: TemporalClientConfig,
  { connection: connectionOptions, ...tracing }: TemporalClientOptions,
): Promise<TemporalClient> {
  const { temporal, proxies, encryptionKeys } = config;
  const { address, namespace } = temporal;
  const current = createCurrentOptions({ temporal, logger: tracing.logger });
  const connection = Connection.lazy(
    clientConnectionOptions({ current, route: readProxies(proxies).toTemporal(address), more: connectionOptions }),
  );
  const dataConverter = createDataConverter({ keys: encryptionKeys });
  const { interceptors, stopTracing } = await startClientTracing(config, tracing);
  const identity = identityOf(tracing.serviceName);
  const client = new Client({ connection, namespace, identity, interceptors, ...(dataConverter && { dataConverter }) });
  return { client, connection, stopTracing };
}

interface ClientTracing extends Pick<TemporalClient, 'stopTracing'> {
  readonly interceptors: ClientInterceptors;
}

/** OpenTelemetry's libraries are large, so they are loaded only if spans are exported. */
async function startClientTracing({ tracing }: TracingConfig, options: TracingOptions): Promise<ClientTracing> {
  if (tracing === undefined) return { interceptors: {}, stopTracing: () => Promise.resolve() };
  const { startTracing } = await import('../observability/tracing.js');
  const { clientInterceptors: interceptors, stop: stopTracing } = startTracing(tracing, options);
  return { interceptors, stopTracing };
}
