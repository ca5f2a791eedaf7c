import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerError } from './answer-error.js';
import { createBodyBudget } from './body-budget.js';
import type { Edge } from './edge.js';
import { WebhookError } from './webhook-error.js';
import type { Source } from './webhook-metrics.js';

export interface WebhookRoute {
  readonly source: Source;
  readonly url: string;
  /** The only content type taken. */
  readonly contentType: string;
  /** Gets the body's bytes; what it returns is sent with 200. Throws a WebhookError for anything else. */
  readonly receive: (request: FastifyRequest, body: Buffer, reply: FastifyReply) => Promise<unknown>;
}

const NO_BODY = Buffer.alloc(0);

/**
 * One POST route with raw bodies, inside the plugin's own scope: an embedder's other routes keep their parsers and error
 * handler. Checks in this order: path, method (405), content type (415), size (413); the rest is the route's.
 */
export function addWebhookRoute(app: FastifyInstance, edge: Edge, route: WebhookRoute): void {
  const { source, url, contentType, receive } = route;
  const { metrics, limits } = edge;
  const takeRoom = createBodyBudget(limits);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(contentType, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, edge.log));
  app.addHook('onRequest', (_request, reply, done) => {
    const ended = metrics.request(source);
    // Fires once, whether the answer was written or the sender hung up.
    reply.raw.once('close', () => {
      ended(reply.raw.writableFinished ? reply.raw.statusCode : SENDER_GONE);
    });
    done();
  });
  app.post(url, {
    bodyLimit: limits.bodyBytes,
    onRequest: (request, reply, done) => {
      reply.raw.once('close', takeRoom(request));
      done();
    },
    handler: async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
      return receive(request, body, reply);
    },
  });
  app.route({
    url,
    method: app.supportedMethods.filter((method) => method !== 'POST'),
    exposeHeadRoute: false,
    // Before the body is looked at.
    onRequest: (_request, reply, done) => {
      reply.header('allow', 'POST');
      done(new WebhookError('METHOD_NOT_ALLOWED'));
    },
    handler: () => undefined,
  });
}

/** In metrics only, as nginx counts it. */
const SENDER_GONE = 499;
