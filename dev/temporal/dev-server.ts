import { setTimeout as delay } from 'node:timers/promises';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { findTemporalCli, type FindOptions, type FoundProgram } from './find-temporal-cli.js';
import { assertFree, freePort } from './free-port.js';
import { startGuarded } from './guarded-process.js';
import { connectToRunning, type RunningServer } from './running-server.js';
import { keepClosedWorkflows, searchAttributeFlags, untilUsable, type SearchAttributes } from './server-health.js';
import { connectionToStarting, START_LIMIT_MS, untilReady } from './server-start.js';

const PORT_ATTEMPTS = 3;
const DYNAMIC_CONFIG = {
  // Makes search attributes that are added later usable at once.
  'system.forceSearchAttributesCacheRefreshOnRead': true,
  // Several partitions are for several nodes. Here a worker's polls would reach some of them late.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

/** TEMPORAL_ADDRESS, and how to connect to it, are read from `env` too. */
export interface DevServerOptions extends FindOptions {
  /** The SQLite file that keeps the workflows. Default: none, they live in memory. */
  readonly dbFilename?: string;
  /** Whether to start the Web UI. Default: false. */
  readonly ui?: boolean;
  /** Both ports default to free ones. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Default: those of the contract. */
  readonly searchAttributes?: SearchAttributes;
  /** Settings of Temporal's dynamic configuration. */
  readonly dynamicConfig?: Readonly<Record<string, boolean | number>>;
}

export interface DevServer extends RunningServer {
  /** Present if this process started the server with `ui`. */
  readonly uiUrl?: string;
  /** Present if this process started the server. */
  readonly pid?: number;
}

/**
 * Connects to the Temporal server at TEMPORAL_ADDRESS, or starts one. A server started here stops with this process,
 * even after `kill -9`. The first start in a checkout may download or build the server. If that fails, the error lists
 * what to do.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { onProgress = () => undefined, env = process.env, searchAttributes = SEARCH_ATTRIBUTES } = options;
  if (env['TEMPORAL_ADDRESS'] !== undefined && env['TEMPORAL_ADDRESS'] !== '') {
    const running = await connectToRunning({ env, searchAttributes });
    onProgress(running.source);
    return running;
  }
  if (options.port !== undefined) await assertFree(options.port);
  if (options.uiPort !== undefined) await assertFree(options.uiPort);
  const cli = await findTemporalCli(options);
  onProgress(`using ${cli.source}`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch({ ...options, env, searchAttributes }, cli);
    } catch (error) {
      // Another program took the port between our check and the server's start.
      const portTaken = error instanceof Error && error.message.includes('address already in use');
      if (!portTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

type LaunchOptions = DevServerOptions & Required<Pick<DevServerOptions, 'env' | 'searchAttributes'>>;

async function launch(options: LaunchOptions, cli: FoundProgram): Promise<DevServer> {
  const { env, ui = false } = options;
  const port = options.port ?? (await freePort());
  const uiPort = ui ? (options.uiPort ?? (await freePort())) : undefined;
  const server = await startGuarded({
    command: cli.path,
    args: argumentsOf(options, port, uiPort),
    env,
    stopSignal: options.dbFilename === undefined ? 'SIGKILL' : 'SIGTERM',
  });
  const address = `127.0.0.1:${port}`;
  const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
  try {
    await untilReady(server, "Temporal's dev server", async (signal) => {
      await untilServerAnswers(address, signal);
      if (uiUrl !== undefined) await untilUiAnswers(uiUrl, signal);
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  const { pid, stop } = server;
  return { address, namespace: 'default', source: cli.source, pid, stop, ...(uiUrl === undefined ? {} : { uiUrl }) };
}

function argumentsOf(options: LaunchOptions, port: number, uiPort: number | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.dbFilename === undefined ? [] : ['--db-filename', options.dbFilename]),
    ...searchAttributeFlags(options.searchAttributes).flatMap((flag) => ['--search-attribute', flag]),
    ...Object.entries({ ...DYNAMIC_CONFIG, ...options.dynamicConfig }).flatMap(([name, value]) => [
      ...['--dynamic-config-value', `${name}=${String(value)}`],
    ]),
  ];
}

async function untilServerAnswers(address: string, signal: AbortSignal): Promise<void> {
  const connection = connectionToStarting(address);
  try {
    await untilUsable({ connection, namespace: 'default', limitMs: START_LIMIT_MS, signal });
    await keepClosedWorkflows(connection, 'default');
  } finally {
    await connection.close();
  }
}

async function untilUiAnswers(uiUrl: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  while ((await fetch(uiUrl, { signal }).catch(() => undefined))?.ok !== true) {
    signal.throwIfAborted();
    if (Date.now() > end) throw new Error("Temporal's Web UI does not answer.");
    await delay(100);
  }
}
