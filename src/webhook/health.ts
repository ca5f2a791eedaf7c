import type { FastifyPluginCallback } from 'fastify';
import { shared } from '../http/shared.js';
import type { DeliverySignals } from './delivery-signals.js';
import { limitsOf, type WebhookLimits } from './limits.js';

export interface HealthOptions {
  readonly deliveries: Pick<DeliverySignals, 'ping'>;
  readonly limits?: Partial<WebhookLimits>;
  /** From its abort on, /readyz answers 503: the process is about to stop. */
  readonly shutdown?: AbortSignal | undefined;
}

/**
 * GET /healthz answers 200 as long as this process answers. GET /readyz answers 200 if Temporal answers as well, or
 * 503. Requests for /readyz share one call to Temporal, and use its answer for a while: anybody may ask.
 */
export const health: FastifyPluginCallback<HealthOptions> = (app, { deliveries, limits, shutdown }, done) => {
  const { readinessTimeoutMs, answersHoldMs } = limitsOf(limits);
  const askTemporal = shared(
    () =>
      deliveries.ping(readinessTimeoutMs).then(
        () => true,
        () => false,
      ),
    answersHoldMs,
  );
  const reasonAgainst = async (): Promise<string | undefined> => {
    if (shutdown?.aborted !== true && !(await askTemporal())) return 'Temporal does not answer';
    return shutdown?.aborted === true ? 'the process shuts down' : undefined;
  };
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const reason = await reasonAgainst();
    return reason === undefined ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', reason });
  });
  done();
};
