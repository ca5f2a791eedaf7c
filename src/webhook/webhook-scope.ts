import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerError } from './answer-error.js';
import type { Edge } from './edge.js';
import { readBody } from './read-body.js';
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
  const { metrics } = edge;
  app.removeAllContentTypeParsers();
  // Only to tell the content type: Fastify's own reader keeps an object for each chunk.
  app.addContentTypeParser(contentType, (_request, payload, done) => {
    done(null, payload);
  });
  app.setErrorHandler((error, _request, reply) => {
    // Who sends what can't be read is not listened to any longer.
    if (error instanceof WebhookError && error.code === 'BAD_REQUEST') reply.header('connection', 'close');
    return answerError(error, reply, edge.log);
  });
  app.addHook('onRequest', (_request, reply, done) => {
    const ended = metrics.request(source);
    // Fires once, whether the answer was written or the sender hung up.
    reply.raw.once('close', () => {
      ended(reply.raw.writableFinished ? reply.raw.statusCode : SENDER_GONE);
    });
    done();
  });
  app.post(url, {
    handler: async (request, reply) => receive(request, await bodyOf(request, reply, edge), reply),
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

async function bodyOf(
  { body, headers }: FastifyRequest,
  reply: FastifyReply,
  { bodies, limits }: Edge,
): Promise<Buffer> {
  if (!(body instanceof Readable)) return NO_BODY;
  const length = headers['content-length'];
  const declared = length === undefined ? undefined : Number(length);
  const reading = readBody(body, { declared, most: limits.bodyBytes, budget: bodies });
  reply.raw.once('close', reading.release);
  return reading.body;
}

/** In metrics only, as nginx counts it. */
const SENDER_GONE = 499;
