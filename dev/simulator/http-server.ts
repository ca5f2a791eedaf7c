import type { FastifyError } from 'fastify';
import { fastify } from 'fastify';
import { ZodError } from 'zod';

/** Hands over every body as text, because each API parses its own. Answers unknown paths with Google's HTML page. */
export function createServer() {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/html; charset=UTF-8').send('<!DOCTYPE html><title>Error 404 (Not Found)</title>'),
  );
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const isBadRequest = error instanceof ZodError || error instanceof SyntaxError || error instanceof TypeError;
    return reply.code(isBadRequest ? 400 : (error.statusCode ?? 500)).send({ error: String(error) });
  });
  return app;
}
