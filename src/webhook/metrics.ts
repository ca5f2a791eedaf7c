import type { FastifyPluginCallback } from 'fastify';
import type { Registry } from 'prom-client';

/**
 * GET /metrics in Prometheus' text format. It tells volumes, so keep it from the public in front of this server. Many who
 * ask at the same time share one text: nothing else that a call without a signature can ask for costs as much.
 */
export const metrics: FastifyPluginCallback<{ readonly registry: Registry }> = (app, { registry }, done) => {
  let asked: Promise<string> | undefined;
  app.get('/metrics', async (_request, reply) => {
    asked ??= registry.metrics().finally(() => {
      asked = undefined;
    });
    return reply.type(registry.contentType).send(await asked);
  });
  done();
};
