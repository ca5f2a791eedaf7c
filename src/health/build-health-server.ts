import Fastify, { type FastifyInstance } from 'fastify';
import type { WorkerHealth } from './worker-health.js';

/** GET /healthz and /readyz, each with a JSON body. Does not listen yet. */
export function buildHealthServer(health: Pick<WorkerHealth, 'alive' | 'ready'>): FastifyInstance {
  // A probe may keep its connection open, which must not hold up the end of the process.
  const app = Fastify({ logger: false, forceCloseConnections: true });
  app.get('/healthz', async (_request, reply) => {
    const { status, body } = health.alive();
    return reply.code(status).send(body);
  });
  app.get('/readyz', async (_request, reply) => {
    const { status, body } = await health.ready();
    return reply.code(status).send(body);
  });
  return app;
}
