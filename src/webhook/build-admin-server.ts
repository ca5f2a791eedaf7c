import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { createConnections } from '../http/connections.js';
import { createApp } from './create-app.js';
import { drainOnClose } from './drain.js';
import { health, type HealthOptions } from './health.js';
import { limitsOf, type WebhookLimits } from './limits.js';
import { metrics } from './metrics.js';
import type { WebhookLog } from './webhook-context.js';

export interface AdminServerOptions extends HealthOptions {
  readonly registry: Registry;
  readonly log: WebhookLog;
  readonly limits?: Partial<WebhookLimits>;
}

/** How long `close()` waits for an answer to a probe. Milliseconds. */
const DRAIN = { stalledMs: 0, drainMs: 1_000 } as const;

/**
 * Builds a server of its own for /healthz, /readyz and /metrics, which does not listen yet. Leave them out of the public
 * server with `probes: false`, and close this one after it.
 */
export function buildAdminServer(options: AdminServerOptions): FastifyInstance {
  const connections = createConnections(limitsOf(options.limits), () => undefined);
  const app = createApp(connections, options.log);
  drainOnClose(app, { limits: DRAIN, connections });
  app.register(health, options);
  app.register(metrics, options);
  return app;
}
