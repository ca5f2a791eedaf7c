import { METHODS } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { createConnections, type Connections } from '../http/connections.js';
import { sparsely } from '../observability/sparsely.js';
import { answerClientError, answerError, WebhookError } from './errors.js';
import type { ForwarderOptions } from './forwarder.js';
import { health } from './health.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';
import { createWebhookMetrics, metrics } from './metrics.js';
import { rbmWebhook, type RbmWebhookOptions } from './rbm-webhook.js';
import { createBodyBudget } from './request-body.js';
import { smsWebhooks, type SmsWebhooksOptions } from './sms-plugins.js';
import type { WebhookContextOptions, WebhookLog } from './webhook-context.js';

export interface WebhookOptions extends WebhookContextOptions, ForwarderOptions, SmsWebhooksOptions {
  readonly rbm: Pick<RbmWebhookOptions, 'clientTokens' | 'agents'>;
}

/**
 * Builds the whole webhook server, which does not listen yet. `listen()` and `inject()` throw a TypeError for options
 * that can not work. `close()` drains: see {@link drainOnClose}. After it, await the deliveries' `settled()`, and then
 * close the connection to Temporal.
 */
export function buildServer(options: WebhookOptions): FastifyInstance {
  const { rbm, sms, smsReceipts, onEvent, forward, ...rest } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const shared = { bodies: createBodyBudget(limits.bodiesBytes), ...rest };
  const connections = createConnections(limits, reportDropped(options, limits));
  const app = createApp(limits, connections, options.log);
  drainOnClose(app, limits, connections);
  app.register(health, shared);
  app.register(metrics, shared);
  app.register(rbmWebhook, { ...shared, ...rbm, onEvent, forward });
  app.register(smsWebhooks, { ...shared, sms, smsReceipts });
  return app;
}

function createApp({ bodyBytes }: WebhookLimits, connections: Connections, log: WebhookLog): FastifyInstance {
  const app = Fastify({
    // Fastify's own log lines hold addresses and query strings.
    logger: false,
    bodyLimit: bodyBytes,
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

/** Returns a function that counts a dropped connection, and warns at most once a minute. */
function reportDropped({ log, registry }: WebhookContextOptions, { connections }: WebhookLimits): () => void {
  const counters = createWebhookMetrics(registry);
  const warn = sparsely((leftOut) => {
    log.warn({ connections, leftOut }, 'too many connections: some are dropped');
  });
  return () => {
    counters.connectionDropped();
    warn();
  };
}

/**
 * Makes `close()` accept no new connection, answer new requests on open ones with 503, and let those in progress
 * finish. After `stalledMs` it closes idle connections and stalled senders: Node stops its own timeouts when the server
 * closes. After `drainMs` it closes the rest, whose events are then unacknowledged.
 */
function drainOnClose(app: FastifyInstance, { stalledMs, drainMs }: WebhookLimits, connections: Connections): void {
  const timers: NodeJS.Timeout[] = [];
  app.addHook('preClose', (done) => {
    const closeAll = () => {
      app.server.closeAllConnections();
    };
    // The timers need not keep the process alive: the connections do.
    timers.push(setTimeout(connections.closeStalled, stalledMs).unref(), setTimeout(closeAll, drainMs).unref());
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (timers.length > 0) reply.header('connection', 'close');
    done(null, payload);
  });
  app.server.once('close', () => {
    timers.forEach(clearTimeout);
  });
}
