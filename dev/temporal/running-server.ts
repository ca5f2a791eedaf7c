import { Connection, isGrpcDeadlineError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { messageOf } from './message-of.js';
import { missingSearchAttributes, searchAttributeFlags, assertUsable, type SearchAttributes } from './server-health.js';

const ANSWER_LIMIT_MS = 5_000;

export interface RunningServerOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly searchAttributes: SearchAttributes;
}

/** A Temporal server that is ready for use. */
export interface RunningServer {
  readonly address: string;
  readonly namespace: string;
  /** Which server this is and where it was found, for a person to read. */
  readonly source: string;
  /** Stops the server if this process started it. May be called twice. */
  readonly stop: () => Promise<void>;
}

/** Checks the server at TEMPORAL_ADDRESS. Throws if it does not answer, or lacks the namespace or a search attribute. */
export async function connectToRunning({ env, searchAttributes }: RunningServerOptions): Promise<RunningServer> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
  );
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars });
  const { address = 'localhost:7233', tls, apiKey, metadata } = connectionOptions;
  const connection = Connection.lazy({
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  try {
    await assertUsable({ connection, namespace, limitMs: ANSWER_LIMIT_MS }).catch((error: unknown) => {
      const server = `TEMPORAL_ADDRESS is set, but the server at ${address}`;
      throw new Error(`${server} can't be used with namespace ${namespace}: ${reasonOf(error)}`, { cause: error });
    });
    const missing = await missingSearchAttributes(connection, namespace, searchAttributes);
    if (Object.keys(missing).length > 0) throw new Error(registrationAdvice(address, namespace, missing));
  } finally {
    await connection.close();
  }
  const source = `the Temporal server at ${address} (TEMPORAL_ADDRESS), namespace ${namespace}`;
  return { address, namespace, source, stop: () => Promise.resolve() };
}

function reasonOf(error: unknown): string {
  // gRPC's message for a deadline describes its internals.
  if (isGrpcDeadlineError(error)) return `no answer for ${ANSWER_LIMIT_MS / 1000} s`;
  return messageOf(error);
}

function registrationAdvice(address: string, namespace: string, missing: SearchAttributes): string {
  const commands = searchAttributeFlags(missing).map((flag) => {
    const [name, type] = flag.split('=');
    return `  temporal operator search-attribute create --namespace ${namespace} --name ${String(name)} --type ${String(type)}`;
  });
  return `The server at ${address} (TEMPORAL_ADDRESS) lacks search attributes. Register them:\n${commands.join('\n')}`;
}
