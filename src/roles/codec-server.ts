import { setTimeout as delay } from 'node:timers/promises';
import { buildCodecServer } from '../codec-server/build-codec-server.js';
import { readCodecServerConfig, type CodecServerConfig } from '../config/codec-server-config.js';
import type { Logger } from '../observability/logger.js';
import { listen } from './listen.js';
import { untilAborted } from './shutdown-signal.js';
import { startLogging } from './start-logging.js';

interface RunCodecServerOptions {
  readonly config: CodecServerConfig;
  readonly logger: Logger;
  /** First /readyz answers 503. After the delay the server stops listening, and requests in flight finish. */
  readonly signal: AbortSignal;
}

/** The process `codec-server`, configured by the environment. Throws a ConfigurationError. */
export async function startCodecServer(signal: AbortSignal): Promise<void> {
  const config = readCodecServerConfig();
  await runCodecServer({ config, logger: startLogging('codec-server', config), signal });
}

/** Serves until `signal` aborts. Rejects if it can't listen. */
async function runCodecServer({ config, logger, signal }: RunCodecServerOptions): Promise<void> {
  const { encryptionKeys: keys, host, port, callers, uiOrigins, shutdownDelayMs: delayMs } = config;
  const app = buildCodecServer({ keys, log: logger, callers, uiOrigins, shutdown: signal });
  try {
    const listening = await listen(app, { host, port, variable: 'CODEC_SERVER_PORT' });
    const who = callers?.map(({ name }) => name) ?? 'everybody on this machine';
    logger.info({ listening, keyIds: keys.map(({ id }) => id), uiOrigins, callers: who }, 'codec server listening');
    await untilAborted(signal);
    logger.info({ delayMs }, 'shutting down');
    // Until the balancer has seen /readyz, it still sends requests here.
    await delay(delayMs);
  } finally {
    await app.close();
  }
  logger.info('codec server stopped');
}
