import { NamespaceNotFoundError, type Client, type Connection } from '@temporalio/client';
import { createDeliveryClient, type DeliveryClient } from '../client/delivery-client.js';
import { readClientConfig, readStarterConfig, type ClientConfig } from '../config/client-config.js';
import type { TemporalConnection } from '../config/temporal-connection.js';
import { nameOfRoute, readProxies, type Route } from '../http/proxies.js';
import { grpcErrorOf, GrpcStatus, type GrpcStatusName } from '../temporal/grpc-status.js';
import { checkSearchAttributes, type SearchAttributeCheck } from '../temporal/namespace-search-attributes.js';
import { temporalCall } from '../temporal/temporal-call.js';
import { createTemporalClient } from '../temporal/temporal-client.js';
import { TemporalRefusedError, TemporalUnavailableError } from '../temporal/temporal-errors.js';
import { usableRoute } from '../temporal/temporal-route.js';
import { noNamespace, UsageError } from './errors.js';
import { printNote } from './printer.js';
import { causeText, connectionHint, isStillEncrypted, queryProblem } from './temporal-texts.js';
import type { Terminal } from './terminal.js';

/** What a command that uses Temporal works with. */
export interface Access {
  readonly terminal: Terminal;
  readonly deliveries: DeliveryClient;
  readonly client: Client;
  readonly connection: Connection;
  readonly config: ClientConfig;
  /** Makes one call to Temporal's server, of at most 10 s. `explain` may replace an error that gRPC reports. */
  readonly call: <T>(work: () => Promise<T>, explain?: Explain) => Promise<T>;
  /** Lists or counts. A refusal is explained: the query is wrong, or the namespace lacks search attributes. */
  readonly search: <T>(work: () => Promise<T>) => Promise<T>;
  readonly searchAttributes: () => Promise<SearchAttributeCheck>;
  /** A sentence about the search attributes that the namespace lacks. Undefined if it lacks none, or does not say. */
  readonly missingAttributes: () => Promise<string | undefined>;
}

/** Returns the error to throw instead, or undefined. */
export type Explain = (failure: { readonly status: GrpcStatusName; readonly details: string }) => Error | undefined;

const CALL_MS = 10_000;

/**
 * Runs `use` with a client that is configured by the environment, then closes its connection. `starts`: the command
 * starts deliveries, which needs a stricter configuration in production.
 */
export async function withAccess<T>(
  terminal: Terminal,
  use: (access: Access) => Promise<T>,
  { starts = false }: { readonly starts?: boolean } = {},
): Promise<T> {
  const { environment } = terminal;
  const config = starts ? readStarterConfig(environment) : readClientConfig(environment);
  const { temporal, taskQueue, recipientHashKey, agents, warnings, tracingWarnings = [] } = config;
  for (const warning of [...warnings, ...tracingWarnings]) printNote(terminal, `rcs-delivery: ${warning}`);
  // It connects at the first call, so that a wrong input is reported even where Temporal is down. Without interceptors
  // the SDK retries nothing: a person waits, and a retry that is due after close() would crash the process.
  const { client, connection, stopTracing } = await createTemporalClient(config, {
    serviceName: 'rcs-delivery-cli',
    connection: { interceptors: [] },
  });
  try {
    const searchAttributes = { ...(recipientHashKey !== undefined && { recipientHashKey }) };
    const deliveries = createDeliveryClient({ client, taskQueue, searchAttributes, agents });
    const calls = serverCalls({ client, connection, config });
    return await use({ terminal, deliveries, client, connection, config, ...calls });
  } catch (error) {
    throw explained(temporal, error, usableRoute(readProxies(config.proxies).toTemporal(temporal.address)));
  } finally {
    await stopTracing();
    await connection.close();
  }
}

function explainedBy(explain: Explain | undefined, error: unknown): Error | undefined {
  const failure = grpcErrorOf(error);
  if (failure === undefined) return undefined;
  return explain?.({ status: GrpcStatus[failure.code] as GrpcStatusName, details: failure.details });
}

type ServerCalls = Pick<Access, 'call' | 'search' | 'searchAttributes' | 'missingAttributes'>;

function serverCalls({ client, connection, config }: Pick<Access, 'client' | 'connection' | 'config'>): ServerCalls {
  const { namespace } = config.temporal;
  const call: Access['call'] = (work, explain) =>
    temporalCall({ client: client.workflow, timeoutMs: CALL_MS, answeredBy: 'server' }, () =>
      work().catch((error: unknown) => {
        throw explainedBy(explain, error) ?? error;
      }),
    );
  const searchAttributes = () => checkSearchAttributes({ connection, namespace });
  const missingAttributes = async () => {
    const check = await searchAttributes().catch(() => undefined);
    const names = [...(check?.missing ?? []), ...(check?.conflicting ?? []).map(({ name }) => name)];
    if (names.length === 0) return undefined;
    return `namespace ${namespace} lacks the search attributes ${names.join(', ')}: run rcs-delivery setup`;
  };
  const search: Access['search'] = async (work) => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TemporalRefusedError)) throw error;
      const reason = (await missingAttributes()) ?? queryProblem(causeText(error));
      throw reason === undefined ? error : new UsageError(reason);
    }
  };
  return { call, search, searchAttributes, missingAttributes };
}

/** Adds what an operator needs to an error: which Temporal it was, and what may be wrong with it. */
export function explained(temporal: TemporalConnection, error: unknown, route: Route = { kind: 'direct' }): unknown {
  const { address, options } = temporal;
  if (isStillEncrypted(error)) return new UsageError('the data is encrypted: set PAYLOAD_ENCRYPTION_KEYS');
  if (error instanceof TemporalUnavailableError) {
    const hint = proxyHint(route) ?? connectionHint(causeText(error), Boolean(options.tls));
    const where = hint === undefined ? address : `${address}: ${hint}`;
    return new TemporalUnavailableError(`${error.reason} at ${where}`, error);
  }
  if (!(error instanceof TemporalRefusedError)) return error;
  if (error.cause instanceof NamespaceNotFoundError) return noNamespace(temporal);
  return new TemporalRefusedError(`${error.reason} at ${address}`, { cause: error });
}

/** Temporal's SDK does not say what the proxy answered. */
function proxyHint(route: Route): string | undefined {
  if (route.kind === 'direct') return undefined;
  if (route.kind === 'unusable') return `${route.variable} ${route.problem}`;
  return `the connection goes through the proxy ${nameOfRoute(route)} (${route.variable}); NO_PROXY can name exceptions`;
}
