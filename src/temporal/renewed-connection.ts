import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { TemporalConnection } from '../config/temporal-connection.js';
import type { Route } from '../http/proxies.js';
import type { Logger } from '../observability/logger.js';
import { attemptToConnect } from './worker-connection.js';

type Options = TemporalConnection['options'];

export interface RenewedConnectionOptions {
  /** Made with the options of `temporal`, or with later ones of `current`. */
  readonly connection: NativeConnection;
  readonly temporal: TemporalConnection;
  /** See `createCurrentOptions`. */
  readonly current: () => Options;
  readonly route: Route;
  readonly logger: Logger;
  /** Ends the renewal. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at the files, and how long an old connection stays for calls under way. */
  readonly lookEveryMs?: number;
  readonly keepOldMs?: number;
}

/** The worker's connection to Temporal, which is replaced when its certificates are. */
export interface RenewedConnection {
  /** The one of the moment. */
  readonly connection: NativeConnection;
  /** For Clients: each call is made on the connection of the moment. */
  readonly calls: ConnectionLike;
  /** From now on these Workers use the connection of the moment. They keep polling, and lose nothing. */
  keepRenewed(workers: readonly Worker[]): void;
  /** Closes every connection. The Workers must have stopped. */
  close(): Promise<void>;
}

/** Polls end within a minute, and other calls sooner. */
const KEEP_OLD_MS = 70_000;

/**
 * A NativeConnection keeps the certificates that it was made with. So this looks at the files every two seconds, makes
 * another connection when they have changed, and gives it to the Workers only once Temporal has answered on it. Until
 * then the old connection stays in use. A new API key needs no new connection.
 */
export function createRenewedConnection(options: RenewedConnectionOptions): RenewedConnection {
  const { temporal, current, logger, signal, lookEveryMs = 2_000, keepOldMs = KEEP_OLD_MS } = options;
  const old = new Set<NativeConnection>();
  let { connection } = options;
  let used: Options = temporal.options;

  const renew = async (workers: readonly Worker[]): Promise<void> => {
    const next = current();
    if (next === used) return;
    if (isDeepStrictEqual({ ...next, apiKey: '' }, { ...used, apiKey: '' })) {
      await connection.setApiKey(String(next.apiKey));
    } else {
      const result = await attemptToConnect({ ...options, current: () => next });
      if (!('connection' in result)) {
        logger.warn(
          { reason: result.reason },
          'Temporal does not accept the new certificates: the old ones stay in use',
        );
        return;
      }
      closeLater(connection);
      ({ connection } = result);
      for (const worker of workers) worker.connection = connection;
      logger.info('connected to Temporal with the new certificates');
    }
    used = next;
  };
  const closeLater = (replaced: NativeConnection): void => {
    old.add(replaced);
    setTimeout(() => void closeNow(replaced), keepOldMs).unref();
  };
  const closeNow = async (replaced: NativeConnection): Promise<void> => {
    if (!old.delete(replaced)) return;
    await replaced.close().catch((error: unknown) => {
      logger.warn({ error }, 'a replaced connection to Temporal could not be closed');
    });
  };
  const watch = async (workers: readonly Worker[]): Promise<void> => {
    for (;;) {
      await delay(lookEveryMs, undefined, { signal, ref: false });
      await renew(workers).catch((error: unknown) => {
        signal.throwIfAborted();
        logger.warn({ error }, 'the connection to Temporal could not be renewed: the old one stays in use');
      });
    }
  };

  return {
    get connection() {
      return connection;
    },
    calls: callsOn(() => connection),
    keepRenewed: (workers) => {
      // It ends by an AbortError only.
      if (temporal.files !== undefined) void watch(workers).catch(() => undefined);
    },
    close: async () => {
      for (const replaced of [...old]) await closeNow(replaced);
      await connection.close();
    },
  };
}

function callsOn(current: () => NativeConnection): ConnectionLike {
  return {
    get workflowService() {
      return current().workflowService;
    },
    get operatorService() {
      return current().operatorService;
    },
    plugins: [],
    close: () => Promise.resolve(),
    ensureConnected: () => Promise.resolve(),
    withDeadline: (deadline, work) => current().withDeadline(deadline, work),
    withMetadata: (metadata, work) => current().withMetadata(metadata, work),
    withAbortSignal: (signal, work) => current().withAbortSignal(signal, work),
  };
}
