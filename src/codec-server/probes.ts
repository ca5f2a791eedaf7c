import type { FastifyPluginCallback } from 'fastify';

export interface ProbesOptions {
  /** From its abort on, /readyz answers 503: the process is about to stop. */
  readonly shutdown?: AbortSignal | undefined;
}

/** GET /healthz and /readyz, for everybody. The server needs nobody else to decode, so it is ready as long as it runs. */
export const probes: FastifyPluginCallback<ProbesOptions> = (app, { shutdown }, done) => {
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', (_request, reply) => {
    if (shutdown?.aborted !== true) return reply.send({ status: 'ready' });
    return reply.code(503).send({ status: 'not ready', reason: 'the process shuts down' });
  });
  done();
};
