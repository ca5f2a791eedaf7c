import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowClient } from '@temporalio/client';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { readWebhookConfig, type WebhookConfig } from '../config/webhook-config.js';
import type { Fetch } from '../http/exchange.js';
import { createFetch } from '../http/proxied-fetch.js';
import { readProxies } from '../http/proxies.js';
import type { Logger } from '../observability/logger.js';
import { createTemporalClient } from '../temporal/temporal-client.js';
import { buildAdminServer } from '../webhook/build-admin-server.js';
import { buildServer } from '../webhook/build-server.js';
import { logProxies } from './log-proxies.js';
import { listen } from './listen.js';
import { untilAborted } from './shutdown-signal.js';
import { startLogging } from './start-logging.js';
import { temporalPorts } from './temporal-ports.js';

/** The time limit for handing one event to Temporal, in milliseconds. After that the sender is asked to repeat it. */
export const SIGNAL_TIMEOUT_MS = 5_000;
/** The time limit for forwarding one event to RBM_FORWARD_URL, in milliseconds. */
export const FORWARD_TIMEOUT_MS = 5_000;
/**
 * gRPC pauses up to two minutes between attempts to connect. Every event in that time would get 503 after an outage.
 */
const RECONNECT = { 'grpc.max_reconnect_backoff_ms': 5_000 } as const;

export interface RunWebhookOptions {
  readonly config: WebhookConfig;
  readonly logger: Logger;
  /** First /readyz answers 503. After the delay the server stops listening, and requests in flight finish. */
  readonly signal: AbortSignal;
}

/** The process `webhook`, configured by the environment. Throws a ConfigurationError. */
export async function startWebhook(signal: AbortSignal): Promise<void> {
  const config = readWebhookConfig();
  await runWebhook({ config, logger: startLogging('webhook', config), signal });
}

/**
 * Serves until `signal` aborts. Starts without Temporal too. Rejects if it can't listen. The connection to Temporal
 * stays open until the process ends, since a retry of the SDK's that is due after close() throws where nothing can
 * catch it.
 */
export async function runWebhook({ config, logger, signal }: RunWebhookOptions): Promise<void> {
  const proxies = readProxies(config.proxies);
  logProxies({ proxies, address: config.temporal.address, logger });
  const { client, stopTracing } = await createTemporalClient(config, {
    serviceName: 'rcs-delivery-webhook',
    logger,
    connection: { channelArgs: RECONNECT },
  });
  const { app, admin } = buildServers(
    { config, logger, signal },
    { client: client.workflow, fetch: createFetch(proxies) },
  );
  try {
    const listening = await listen(app, { host: config.host, port: config.port, variable: 'WEBHOOK_PORT' });
    const adminListening = admin && (await listen(admin.app, { ...admin.at, variable: 'WEBHOOK_ADMIN_PORT' }));
    const receipts = Object.keys(config.sms);
    const { address, namespace } = config.temporal;
    logger.info({ listening, adminListening, address, namespace, receipts }, 'webhook listening');
    if (receipts.length === 0)
      logger.warn('SMS receipts are not accepted: none are configured (docs/webhook-setup.md)');
    await untilAborted(signal);
    logger.info({ delayMs: config.shutdownDelayMs }, 'shutting down');
    // Until the balancer has seen /readyz, it still sends events here.
    await delay(config.shutdownDelayMs);
  } finally {
    await app.close();
    await admin?.app.close();
    await stopTracing();
  }
  logger.info('webhook stopped');
}

/** The public server, and the one for probes and metrics if it has a port of its own. */
function buildServers(
  { config, logger, signal }: RunWebhookOptions,
  { client, fetch }: { readonly client: WorkflowClient; readonly fetch: Fetch },
) {
  const { agents, sms, rbmForwardUrl, adminPort, adminHost } = config;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { deliveries, ...optOuts } = temporalPorts(client, config, SIGNAL_TIMEOUT_MS);
  const limits = { keepAliveTimeoutMs: config.keepAliveMs };
  const shared = { deliveries, log: logger, registry, limits, shutdown: signal };
  const app = buildServer({
    ...shared,
    ...optOuts,
    probes: adminPort === undefined,
    rbm: {
      clientTokens: config.rbmClientTokens,
      ...(agents.length > 0 && { agents: agents.map(({ agentId }) => agentId) }),
    },
    sms,
    ...(rbmForwardUrl !== undefined && {
      forward: { url: rbmForwardUrl, timeoutMs: FORWARD_TIMEOUT_MS, fetch },
    }),
  });
  if (adminPort === undefined) return { app };
  return { app, admin: { app: buildAdminServer(shared), at: { host: adminHost, port: adminPort } } };
}
