import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { findTemporalCli, type FindOptions, type FoundProgram } from './find-temporal-cli.js';
import { assertFree, freePort } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { connectToRunning } from './running-server.js';
import { searchAttributeFlags, untilUsable, type SearchAttributes } from './server-health.js';

const START_LIMIT_MS = 60_000;
const PORT_ATTEMPTS = 3;

/** `env` also tells TEMPORAL_ADDRESS and how to connect to it. */
export interface DevServerOptions extends FindOptions {
  /** Keep workflows in this SQLite file. Default: in memory. */
  readonly dbFilename?: string;
  /** With the Web UI? Default: no. */
  readonly ui?: boolean;
  /** Default: a free port each. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Default: those of the contract. */
  readonly searchAttributes?: SearchAttributes;
}

export interface DevServer {
  readonly address: string;
  readonly namespace: string;
  /** Present if it was started here with `ui`. */
  readonly uiUrl?: string;
  /** Which server it is, for a human. */
  readonly source: string;
  /** Absent if the server was running already. */
  readonly pid?: number;
  /** Ends the server if it was started here. May be called twice. */
  readonly stop: () => Promise<void>;
}

/**
 * A real Temporal server, ready for use: the one at TEMPORAL_ADDRESS, or one started here that ends with this process,
 * whatever ends this process. Finding one may mean to download or build it, once per checkout. Throws an error that says
 * what to do if there is none.
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
      // Another program was quicker to listen on the port that was free a moment ago.
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
    await untilReady(server, address, uiUrl);
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
    // Search attributes that are added while it runs are known at once.
    ...['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=true'],
  ];
}

/** Throws as soon as the server has ended instead, with its own words. */
async function untilReady(server: GuardedProcess, address: string, uiUrl: string | undefined): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = server.ended.then(() => {
    controller.abort(new Error(`Temporal's dev server ended at once: ${server.lastLines()}`));
    signal.throwIfAborted();
  });
  const ready = async () => {
    await untilServerAnswers(address, signal);
    if (uiUrl !== undefined) await untilUiAnswers(uiUrl, signal);
  };
  await Promise.race([ready(), ended]);
}

async function untilServerAnswers(address: string, signal: AbortSignal): Promise<void> {
  // gRPC waits longer and longer between attempts; a server that starts is worth a quick look.
  const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 300 };
  const connection = Connection.lazy({ address, channelArgs });
  try {
    await untilUsable({ connection, namespace: 'default', limitMs: START_LIMIT_MS, signal });
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
