import Fastify, { type FastifyInstance } from 'fastify';
import { createConnections, KEEP_ALIVE_MS, type ConnectionLimits } from '../http/connections.js';
import type { WorkerHealth } from './worker-health.js';

/** Probes are short, and few callers make them. */
const LIMITS: ConnectionLimits = {
  connections: 200,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionTimeoutMs: 30_000,
  keepAliveTimeoutMs: KEEP_ALIVE_MS,
};

/** GET /healthz and /readyz, each with a JSON body. Does not listen yet. */
export function buildHealthServer(health: Pick<WorkerHealth, 'alive' | 'ready'>): FastifyInstance {
  // A probe may keep its connection open, which must not hold up the end of the process.
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    serverFactory: createConnections(LIMITS, () => undefined).serve,
  });
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
