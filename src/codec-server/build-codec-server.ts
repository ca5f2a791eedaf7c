import type { PayloadCodec } from '@temporalio/common';
import Fastify, { type FastifyInstance } from 'fastify';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { createPayloadCodec } from '../encryption/payload-codec.js';
import { createConnections } from '../http/connections.js';
import { isPlainBody } from '../http/plain-body.js';
import type { Logger } from '../observability/logger.js';
import { sparsely } from '../observability/sparsely.js';
import { allowOrigin, answerPreflight, createAuthenticate, type Authenticate, type Caller } from './access.js';
import { refuseManyValues } from './body.js';
import { decode } from './decode.js';
import { endpointOf, OTHER_ENDPOINTS } from './endpoint.js';
import { CodecServerError, createAnswerError } from './errors.js';
import { probes } from './probes.js';
import { createRateLimit, DEFAULT_LIMITS, type CodecServerLimits, type RateLimit } from './limits.js';

export interface CodecServerOptions {
  readonly keys: readonly EncryptionKey[];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Who may decode. Undefined: everybody; then listen on a loopback address only. */
  readonly callers?: readonly Caller[] | undefined;
  /** The origins whose web pages may decode, as browsers write them. Default: none. */
  readonly uiOrigins?: readonly string[] | undefined;
  readonly limits?: Partial<CodecServerLimits>;
  /** From its abort on, /readyz answers 503. */
  readonly shutdown?: AbortSignal | undefined;
}

/**
 * Builds the codec server: `POST /decode` of Temporal's codec protocol, for the Web UI and `temporal --codec-endpoint`. It
 * does not encode, so it can't be used to forge a delivery's payloads; `/encode` says so.
 * The returned server does not listen yet.
 */
export function buildCodecServer(options: CodecServerOptions): FastifyInstance {
  const { log, uiOrigins = [] } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  // Created here and not in the plugin, where an error would end the process.
  const context: DecodeContext = {
    codec: createPayloadCodec(options),
    authenticate: createAuthenticate(options.callers),
    rate: createRateLimit({ perSecond: limits.requestsPerSecond, burst: limits.burst }),
    log,
    maxPayloads: limits.payloads,
  };
  const app = createApp(limits, log);
  app.addHook('onRequest', (request, reply, done) => {
    allowOrigin(request, reply, uiOrigins);
    reply.header('cache-control', 'no-store');
    // Runs before the body is read.
    if (request.is404) throw new CodecServerError('NOT_FOUND');
    done();
  });
  for (const path of ['/decode', ...OTHER_ENDPOINTS]) app.options(path, answerPreflight);
  // Answered before the body is read, too.
  const refuse = () => {
    throw new CodecServerError('DECODES_ONLY');
  };
  for (const path of OTHER_ENDPOINTS) app.post(path, { onRequest: refuse, handler: refuse });
  app.register(probes, { shutdown: options.shutdown });
  app.register((scope, _options, done) => {
    addDecodeRoute(scope, context);
    done();
  });
  return app;
}

interface DecodeContext {
  readonly codec: PayloadCodec;
  readonly authenticate: Authenticate;
  readonly rate: RateLimit;
  readonly log: CodecServerOptions['log'];
  readonly maxPayloads: number;
}

const CALLER = 'caller';

/** Adds the route in a scope of its own: only that scope parses bodies. */
function addDecodeRoute(app: FastifyInstance, context: DecodeContext): void {
  const { codec, authenticate, rate, log, maxPayloads } = context;
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    refuseManyValues(body, maxPayloads);
    return parse(request, body.toString('utf8'), done);
  });
  app.decorateRequest(CALLER, '');
  app.post('/decode', {
    // Runs before the body is read.
    onRequest: (request, reply, done) => {
      const caller = authenticate(request.headers.authorization);
      if (caller === undefined) throw new CodecServerError('UNAUTHENTICATED');
      if (!rate.allows(caller)) throw new CodecServerError('TOO_MANY_REQUESTS');
      if (!isPlainBody(request.headers)) {
        reply.header('accept-encoding', 'identity');
        throw new CodecServerError('UNSUPPORTED_MEDIA_TYPE');
      }
      request.setDecorator(CALLER, caller);
      done();
    },
    handler: (request) => {
      const namespace = request.headers['x-namespace'];
      const decodeRequest = {
        body: request.body,
        caller: request.getDecorator<string>(CALLER),
        namespace: String(namespace ?? ''),
      };
      return decode(decodeRequest, { codec, log, maxPayloads });
    },
  });
}

function createApp(limits: CodecServerLimits, log: CodecServerOptions['log']): FastifyInstance {
  const answerError = createAnswerError(log);
  const reportDropped = sparsely((leftOut) => {
    log.warn({ connections: limits.connections, leftOut }, 'too many connections: some are dropped');
  });
  const app = Fastify({
    rewriteUrl: ({ url = '' }) => endpointOf(url),
    // Fastify's log lines hold addresses and query strings.
    logger: false,
    bodyLimit: limits.bodyBytes,
    serverFactory: createConnections(limits, reportDropped).serve,
    // A closed connection loses nothing: the caller can repeat its request.
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => {
      void answerError(error, reply);
    },
  });
  // Without a text/plain parser, no web page can send a body without a preflight.
  app.removeAllContentTypeParsers();
  app.setErrorHandler((error, _request, reply) => answerError(error, reply));
  app.setNotFoundHandler((_request, reply) => answerError(new CodecServerError('NOT_FOUND'), reply));
  return app;
}
