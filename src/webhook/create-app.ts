import { METHODS } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Connections } from '../http/connections.js';
import { answerClientError, answerError, WebhookError } from './errors.js';
import type { WebhookLog } from './webhook-context.js';

/** Creates a server that answers in JSON, reads no body by itself, and logs nothing of a request. */
export function createApp(connections: Connections, log: WebhookLog): FastifyInstance {
  const app = Fastify({
    // Fastify's own log lines hold addresses and query strings.
    logger: false,
    serverFactory: connections.serve,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => {
      void answerError(error, reply, log);
    },
  });
  // Fastify answers 404 to a method that it does not know, also where a webhook must answer 405.
  const unknown = METHODS.filter((method) => !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method);
  // Only the webhooks' own scopes read bodies. An unknown path is answered before its body is looked at.
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.is404 ? new WebhookError('NOT_FOUND') : undefined);
  });
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, log));
  app.setNotFoundHandler((_request, reply) => answerError(new WebhookError('NOT_FOUND'), reply, log));
  return app;
}
