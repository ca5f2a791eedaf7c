import { once } from 'node:events';
import { buildCodecServer } from '../codec-server/build-codec-server.js';
import type { CodecServerConfig } from '../config/codec-server-config.js';
import { listen } from './listen.js';
import type { Logger } from '../observability/logger.js';

export interface RunCodecServerOptions {
  readonly config: CodecServerConfig;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Serves until `signal`. Rejects when it can't listen. */
export async function runCodecServer({ config, logger, signal }: RunCodecServerOptions): Promise<void> {
  const { encryptionKeys: keys, host, port, tokens, uiOrigin } = config;
  const app = buildCodecServer({ keys, log: logger, tokens, uiOrigin });
  try {
    await listen(app, { host, port, variable: 'CODEC_SERVER_PORT' });
    const listening = app.addresses().map((at) => (typeof at === 'string' ? at : `${at.address}:${String(at.port)}`));
    const callers = tokens?.length ?? 'everybody on this machine';
    logger.info({ listening, keyIds: keys.map(({ id }) => id), uiOrigin, callers }, 'codec server listening');
    if (!signal.aborted) await once(signal, 'abort');
    logger.info('shutting down');
  } finally {
    await app.close();
  }
  logger.info('codec server stopped');
}
