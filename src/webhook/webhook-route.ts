import { Readable } from 'node:stream';
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyPluginOptions,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { sparsely } from '../observability/sparsely.js';
import { answerError, WebhookError } from './errors.js';
import type { Source } from './metrics.js';
import { isPlainBody } from '../http/plain-body.js';
import { readBody } from './request-body.js';
import type { WebhookContext } from './webhook-context.js';

/**
 * Makes a plugin whose set-up may throw. Fastify itself would end the process then, instead of rejecting `listen()`.
 */
export function webhookPlugin<Options extends FastifyPluginOptions>(
  setUp: (app: FastifyInstance, options: Options) => void,
): FastifyPluginCallback<Options> {
  return (app, options, done) => {
    try {
      setUp(app, options);
    } catch (error) {
      done(error instanceof Error ? error : new Error('the plugin could not be set up', { cause: error }));
      return;
    }
    done();
  };
}

export interface WebhookRoute {
  readonly source: Source;
  readonly url: string;
  /** The only content type that the route accepts. */
  readonly contentType: string;
  /** The longest body that is read. Bytes. */
  readonly maxBytes: number;
  /** Handles the body's bytes. Its result is sent with 200; to answer anything else, it throws a WebhookError. */
  readonly receive: (request: FastifyRequest, body: Buffer, reply: FastifyReply) => Promise<unknown>;
}

/**
 * Adds one POST route with raw bodies. Parsers and error handler are set for the plugin's own scope only, so an
 * embedder's other routes keep theirs. The order of checks is path, method (405), content type and encoding (415),
 * size (413), then `receive`.
 */
export function addWebhookRoute(app: FastifyInstance, context: WebhookContext, route: WebhookRoute): void {
  const { source, url, contentType, maxBytes, receive } = route;
  app.removeAllContentTypeParsers();
  // Only checks the content type: `bodyOf` reads the body.
  app.addContentTypeParser(contentType, (_request, payload, done) => {
    done(null, payload);
  });
  app.setErrorHandler((error, _request, reply) => {
    // `readBody` cuts such a sender off.
    if (error instanceof WebhookError && error.code === 'BAD_REQUEST') reply.header('connection', 'close');
    return answerError(error, reply, context.log);
  });
  app.addHook('onRequest', (_request, reply, done) => {
    const finished = context.metrics.request(source);
    // Emitted once, after the answer is written or when the sender hangs up.
    reply.raw.once('close', () => {
      finished(reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_CLOSED_REQUEST);
    });
    done();
  });
  app.post(url, {
    // This hook runs before the body is looked at.
    onRequest: (request, reply, done) => {
      const plain = isPlainBody(request.headers);
      if (!plain) reply.header('accept-encoding', 'identity');
      done(plain ? undefined : new WebhookError('UNSUPPORTED_MEDIA_TYPE'));
    },
    handler: async (request, reply) =>
      receive(request, await bodyOf(request, reply, { maxBytes, bodies: context.bodies }), reply),
  });
  app.route({
    url,
    method: app.supportedMethods.filter((method) => method !== 'POST'),
    exposeHeadRoute: false,
    // This hook runs before the content type and the body are looked at.
    onRequest: (_request, reply, done) => {
      reply.header('allow', 'POST');
      done(new WebhookError('METHOD_NOT_ALLOWED'));
    },
    handler: () => undefined,
  });
}

/** The status in metrics of a request whose sender hung up. nginx counts it under the same number. */
const CLIENT_CLOSED_REQUEST = 499;

const NO_BODY = Buffer.alloc(0);

async function bodyOf(
  { body: stream, headers }: FastifyRequest,
  reply: FastifyReply,
  { bodies, maxBytes }: Pick<WebhookContext, 'bodies'> & Pick<WebhookRoute, 'maxBytes'>,
): Promise<Buffer> {
  if (!(stream instanceof Readable)) return NO_BODY;
  const length = headers['content-length'];
  const declared = length === undefined ? undefined : Number(length);
  const { body, release } = readBody(stream, { declared, maxBytes, budget: bodies });
  reply.raw.once('close', release);
  return body;
}

type Refusal = 'unsigned' | 'malformed' | 'forbidden';

/** Counts a call that does not prove who sent it, and returns the error to throw. */
export type Refuse = (refusal: Refusal) => WebhookError;

const REFUSAL_CODES = {
  unsigned: 'SIGNATURE_INVALID',
  malformed: 'MALFORMED',
  forbidden: 'CLIENT_TOKEN_INVALID',
} as const;

/** Also warns the operator: after a token was rotated wrongly, every event is refused, and the sender repeats it. */
export function createRefusal({ metrics, log }: WebhookContext, source: Source): Refuse {
  const sparseWarning = (verdict: Refusal) =>
    sparsely((leftOut) => {
      log.warn({ source, verdict, leftOut }, 'calls without a valid signature or token are refused');
    });
  // One for each, so that a stranger's malformed calls do not hide the warning about a wrong token.
  const warn = {
    unsigned: sparseWarning('unsigned'),
    malformed: sparseWarning('malformed'),
    forbidden: sparseWarning('forbidden'),
  };
  return (refusal) => {
    metrics.event(source, refusal === 'forbidden' ? 'handshake' : 'unverified', refusal);
    warn[refusal]();
    return new WebhookError(REFUSAL_CODES[refusal]);
  };
}
