import type { FastifyInstance } from 'fastify';
import { createConnections } from '../http/connections.js';
import { sparsely } from '../observability/sparsely.js';
import { createApp } from './create-app.js';
import { drainOnClose } from './drain.js';
import type { ForwarderOptions } from './forwarder.js';
import { health } from './health.js';
import { limitsOf, type WebhookLimits } from './limits.js';
import { createWebhookMetrics, metrics } from './metrics.js';
import { rbmWebhook, type RbmWebhookOptions } from './rbm-webhook.js';
import { createSharedWork } from './shared-work.js';
import { smsWebhooks, type SmsWebhooksOptions } from './sms-plugins.js';
import type { WebhookContextOptions } from './webhook-context.js';

export interface WebhookOptions extends WebhookContextOptions, ForwarderOptions, SmsWebhooksOptions {
  readonly rbm: Pick<RbmWebhookOptions, 'clientTokens' | 'agents'>;
  /**
   * From its abort on, /readyz answers 503 and every answer closes its connection, while events are still accepted. Call
   * `close()` when the balancer has noticed.
   */
  readonly shutdown?: AbortSignal | undefined;
  /** Whether /healthz, /readyz and /metrics are answered here; otherwise 404. Default: true. */
  readonly probes?: boolean;
}

/**
 * Builds the whole webhook server, which does not listen yet. `listen()` and `inject()` throw a TypeError for options
 * that can not work, and this function for an unknown limit. `close()` drains: see {@link drainOnClose}. After it, await
 * the deliveries' `settled()`, and then close the connection to Temporal.
 */
export function buildServer(options: WebhookOptions): FastifyInstance {
  const { rbm, sms, smsReceipts, onEvent, forward, probes = true, shutdown, ...rest } = options;
  const limits = limitsOf(options.limits);
  const shared = { work: createSharedWork(limits), ...rest };
  const connections = createConnections(limits, reportDropped(options, limits));
  const app = createApp(connections, options.log);
  drainOnClose(app, { limits, connections, shutdown });
  if (probes) {
    app.register(health, { ...shared, shutdown });
    app.register(metrics, shared);
  }
  app.register(rbmWebhook, { ...shared, ...rbm, onEvent, forward });
  app.register(smsWebhooks, { ...shared, sms, smsReceipts });
  return app;
}

/** Returns a function that counts a dropped connection, and warns at most once a minute. */
function reportDropped({ log, registry }: WebhookContextOptions, { connections }: WebhookLimits): () => void {
  const counters = createWebhookMetrics(registry);
  const warn = sparsely((leftOut) => {
    log.warn({ connections, leftOut }, 'too many connections: some are dropped');
  });
  return () => {
    counters.connectionDropped();
    warn();
  };
}
