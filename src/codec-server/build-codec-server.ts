import type { PayloadCodec } from '@temporalio/common';
import Fastify, { type FastifyInstance } from 'fastify';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { createPayloadCodec } from '../encryption/payload-codec.js';
import type { Logger } from '../observability/logger.js';
import { createAnswerError } from './answer-error.js';
import { createAuthenticate, type Authenticate } from './authenticate.js';
import { CodecServerError } from './codec-server-error.js';
import { allowOrigin, answerPreflight } from './cors.js';
import { decode } from './decode.js';
import { DEFAULT_LIMITS, type CodecServerLimits } from './limits.js';
import { createRateLimit, type RateLimit } from './rate-limit.js';

export interface CodecServerOptions {
  readonly keys: readonly EncryptionKey[];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Who may decode. Absent: everybody who can reach it; listen on a loopback address only then. */
  readonly tokens?: readonly string[] | undefined;
  /** Whose pages may decode. Absent: none. */
  readonly uiOrigin?: string | undefined;
  readonly limits?: Partial<CodecServerLimits>;
}

/**
 * Temporal's codec protocol, its decoding half: `POST /decode`, for the Web UI and for `temporal --codec-endpoint`. It
 * encodes nothing, so what it is told can't be made to look like a delivery's. Not listening yet.
 */
export function buildCodecServer(options: CodecServerOptions): FastifyInstance {
  const { log, uiOrigin } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  // Here: what throws within a plugin ends the process.
  const room: Room = {
    codec: createPayloadCodec(options),
    authenticate: createAuthenticate(options.tokens),
    rate: createRateLimit({ perSecond: limits.requestsPerSecond, burst: limits.burst }),
    log,
    most: limits.payloads,
  };
  const app = createApp(limits, log);
  app.addHook('onRequest', (request, reply, done) => {
    allowOrigin(request, reply, uiOrigin);
    reply.header('cache-control', 'no-store');
    // Before a body is read.
    if (request.is404) throw new CodecServerError('NOT_FOUND');
    done();
  });
  app.options('/decode', (_request, reply) => answerPreflight(reply));
  app.register((scope, _options, done) => {
    addDecodeRoute(scope, room);
    done();
  });
  return app;
}

interface Room {
  readonly codec: PayloadCodec;
  readonly authenticate: Authenticate;
  readonly rate: RateLimit;
  readonly log: CodecServerOptions['log'];
  readonly most: number;
}

const CALLER = 'caller';

/** In a scope of its own, which alone reads bodies. */
function addDecodeRoute(app: FastifyInstance, { codec, authenticate, rate, log, most }: Room): void {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.decorateRequest(CALLER, '');
  app.post('/decode', {
    // Before a body is read.
    onRequest: (request, _reply, done) => {
      const caller = authenticate(request.headers.authorization);
      if (caller === undefined) throw new CodecServerError('UNAUTHENTICATED');
      if (!rate.take(caller)) throw new CodecServerError('TOO_MANY_REQUESTS');
      request.setDecorator(CALLER, caller);
      done();
    },
    handler: (request) => {
      const namespace = request.headers['x-namespace'];
      const asked = {
        body: request.body,
        caller: request.getDecorator<string>(CALLER),
        namespace: String(namespace ?? ''),
      };
      return decode(asked, { codec, log, most });
    },
  });
}

function createApp(limits: CodecServerLimits, log: CodecServerOptions['log']): FastifyInstance {
  const answerError = createAnswerError(log);
  const app = Fastify({
    // Fastify's own lines hold addresses and query strings.
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.connectionTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Node looks for slow senders every 30 seconds otherwise.
    http: { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 },
    // Nothing here is lost with a connection: whoever asks, asks again.
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => {
      void answerError(error, reply);
    },
  });
  app.server.maxConnections = limits.connections;
  // Also so that no page can send a body without a preflight: text/plain needs none.
  app.removeAllContentTypeParsers();
  app.setErrorHandler((error, _request, reply) => answerError(error, reply));
  app.setNotFoundHandler((_request, reply) => answerError(new CodecServerError('NOT_FOUND'), reply));
  return app;
}
