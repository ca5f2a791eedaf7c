import type { FastifyPluginCallback } from 'fastify';
import type { DeliverySignals } from './delivery-signals.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';

export interface HealthOptions {
  readonly deliveries: Pick<DeliverySignals, 'ping'>;
  readonly limits?: Partial<Pick<WebhookLimits, 'readinessTimeoutMs'>>;
}

/**
 * GET /healthz: this process is alive. GET /readyz: Temporal answers, too, or 503. Many who ask at the same time share
 * one call to Temporal.
 */
export const health: FastifyPluginCallback<HealthOptions> = (app, { deliveries, limits }, done) => {
  const { readinessTimeoutMs } = { ...DEFAULT_LIMITS, ...limits };
  let asked: Promise<boolean> | undefined;
  const ask = async () => {
    try {
      await deliveries.ping(readinessTimeoutMs);
      return true;
    } catch {
      return false;
    } finally {
      asked = undefined;
    }
  };
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    asked ??= ask();
    if (await asked) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', reason: 'Temporal does not answer' });
  });
  done();
};
