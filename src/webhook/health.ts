import type { FastifyPluginCallback } from 'fastify';
import type { DeliverySignals } from './delivery-signals.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';

export interface HealthOptions {
  readonly deliveries: Pick<DeliverySignals, 'ping'>;
  readonly limits?: Partial<Pick<WebhookLimits, 'readinessTimeoutMs'>>;
}

/**
 * GET /healthz answers 200 as long as this process answers. GET /readyz answers 200 if Temporal answers as well, or
 * 503. Simultaneous requests for /readyz share one call to Temporal.
 */
export const health: FastifyPluginCallback<HealthOptions> = (app, { deliveries, limits }, done) => {
  const { readinessTimeoutMs } = { ...DEFAULT_LIMITS, ...limits };
  let asking: Promise<boolean> | undefined;
  const askTemporal = async () => {
    try {
      await deliveries.ping(readinessTimeoutMs);
      return true;
    } catch {
      return false;
    } finally {
      asking = undefined;
    }
  };
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    asking ??= askTemporal();
    if (await asking) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', reason: 'Temporal does not answer' });
  });
  done();
};
