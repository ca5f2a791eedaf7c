import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { WebhookConfig } from '../config/webhook-config.js';
import { createDataConverter } from '../encryption/data-converter.js';
import type { Logger } from '../observability/logger.js';
import { traceIfAsked } from '../temporal/trace-client.js';
import { listen } from './listen.js';
import { buildServer } from '../webhook/build-server.js';
import { createDeliverySignals } from '../webhook/delivery-signals.js';

/** The most that handing one event to Temporal may take, in milliseconds; then its sender is told to repeat it. */
export const SIGNAL_TIMEOUT_MS = 5_000;
export const FORWARD_TIMEOUT_MS = 5_000;
/** gRPC's own longest pause between two attempts to connect is two minutes: so long would every event get 503 after an outage. */
const RECONNECT = { 'grpc.max_reconnect_backoff_ms': 5_000 } as const;

export interface RunWebhookOptions {
  readonly config: WebhookConfig;
  readonly logger: Logger;
  /** Stops listening and lets requests under way end. */
  readonly signal: AbortSignal;
}

/**
 * Serves until `signal`. Rejects when it can't listen. Its connection to Temporal stays open, for the process to end with:
 * a retry of the SDK's that is due after close() would throw where nobody can catch it.
 */
export async function runWebhook({ config, logger, signal }: RunWebhookOptions): Promise<void> {
  const { temporal, host, port, sms, rbmForwardUrl } = config;
  // Lazy, since it connects by itself whenever Temporal is there: the server must start without it.
  const connection = Connection.lazy({ ...temporal.options, channelArgs: RECONNECT });
  const dataConverter = createDataConverter({ keys: config.encryptionKeys });
  const { interceptors, stopTracing } = await traceIfAsked(config, { serviceName: 'rcs-delivery-webhook', logger });
  const client = new Client({
    connection,
    namespace: temporal.namespace,
    interceptors,
    ...(dataConverter && { dataConverter }),
  });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const app = buildServer({
    deliveries: createDeliverySignals({ client: client.workflow, timeoutMs: SIGNAL_TIMEOUT_MS }),
    log: logger,
    registry,
    rbm: { clientTokens: config.rbmClientTokens, agents: config.rbmAgents },
    sms,
    ...(rbmForwardUrl !== undefined && { forward: { url: rbmForwardUrl, timeoutMs: FORWARD_TIMEOUT_MS } }),
  });
  try {
    await listen(app, { host, port, variable: 'WEBHOOK_PORT' });
    const receipts = Object.keys(sms);
    const listening = app.addresses().map((at) => (typeof at === 'string' ? at : `${at.address}:${String(at.port)}`));
    logger.info({ listening, address: temporal.address, namespace: temporal.namespace, receipts }, 'webhook listening');
    if (receipts.length === 0) logger.warn('no SMS receipts are taken: SMS_WEBHOOK_SECRET is not set');
    if (!signal.aborted) await once(signal, 'abort');
    logger.info('shutting down');
  } finally {
    await app.close();
    await stopTracing();
  }
  logger.info('webhook stopped');
}
