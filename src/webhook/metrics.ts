import type { FastifyPluginCallback } from 'fastify';
import type { Registry } from 'prom-client';

/** GET /metrics in Prometheus' text format. It tells volumes, so keep it from the public in front of this server. */
export const metrics: FastifyPluginCallback<{ readonly registry: Registry }> = (app, { registry }, done) => {
  app.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics();
    return reply.type(registry.contentType).send(text);
  });
  done();
};
