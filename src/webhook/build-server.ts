import { METHODS, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { sparsely } from '../observability/sparsely.js';
import { answerError } from './answer-error.js';
import { createBodyBudget } from './body-budget.js';
import { createConnections, type Connections } from './connections.js';
import type { EdgeOptions } from './edge.js';
import type { ForwarderOptions } from './forwarder.js';
import { health } from './health.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';
import { metrics } from './metrics.js';
import { rbmWebhook, type RbmWebhookOptions } from './rbm-webhook.js';
import { smsHttpWebhook, type SmsHttpWebhookOptions } from './sms-http-webhook.js';
import { smsTwilioWebhook, type SmsTwilioWebhookOptions } from './sms-twilio-webhook.js';
import { WebhookError } from './webhook-error.js';
import { createWebhookMetrics } from './webhook-metrics.js';

export interface WebhookOptions extends EdgeOptions, ForwarderOptions {
  readonly rbm: Pick<RbmWebhookOptions, 'clientTokens' | 'agents'>;
  /** A route each, for those that are configured. */
  readonly sms?: {
    readonly http?: Pick<SmsHttpWebhookOptions, 'secrets'> | undefined;
    readonly twilio?: Pick<SmsTwilioWebhookOptions, 'authTokens' | 'publicUrl'> | undefined;
  };
}

/**
 * The whole webhook server, not listening yet. `listen()` and `inject()` throw a TypeError on options that can't work.
 *
 * `close()` drains: it takes no new connection, answers new requests on open ones with 503, lets those in flight end,
 * and cuts off after `limits.drainMs` what is still going on, which is then unacknowledged.
 * After it, await the deliveries' `settled()`, and then close Temporal's connection.
 */
export function buildServer(options: WebhookOptions): FastifyInstance {
  const { rbm, sms, onEvent, forward, ...rest } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const edge = { bodies: createBodyBudget(limits.bodiesBytes), ...rest };
  const connections = createConnections(limits, tellFull(options, limits));
  const app = createApp(limits, { ...options, connections });
  drainOnClose(app, limits, connections);
  app.register(health, edge);
  app.register(metrics, edge);
  app.register(rbmWebhook, { ...edge, ...rbm, onEvent, forward });
  if (sms?.http !== undefined) app.register(smsHttpWebhook, { ...edge, ...sms.http });
  if (sms?.twilio !== undefined) app.register(smsTwilioWebhook, { ...edge, ...sms.twilio });
  return app;
}

function createApp(
  limits: WebhookLimits,
  { log, connections }: EdgeOptions & { readonly connections: Connections },
): FastifyInstance {
  const app = Fastify({
    // Fastify's own lines hold addresses and query strings; ours hold ids.
    logger: false,
    bodyLimit: limits.bodyBytes,
    serverFactory: connections.serve,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => {
      void answerError(error, reply, log);
    },
  });
  // Fastify knows but a few, and takes others for unknown paths; CONNECT Node keeps to itself.
  const unknown = METHODS.filter((method) => !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method);
  // Bodies are read in the webhooks' own scopes alone. An unknown path is told before one is looked at.
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.is404 ? new WebhookError('NOT_FOUND') : undefined);
  });
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, log));
  app.setNotFoundHandler((_request, reply) => answerError(new WebhookError('NOT_FOUND'), reply, log));
  return app;
}

/** Counts and tells of connections that are dropped because there are too many. */
function tellFull({ log, registry }: EdgeOptions, { connections }: WebhookLimits): () => void {
  const { connectionDropped } = createWebhookMetrics(registry);
  const warn = sparsely((leftOut) => {
    log.warn({ connections, leftOut }, 'too many connections: some are dropped');
  });
  return () => {
    connectionDropped();
    warn();
  };
}

/** A request that is not HTTP, or came too slowly. Constant text: nothing of it is repeated. */
function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const reason = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ code: reason.toUpperCase().replaceAll(' ', '_'), message: reason });
  const head = [`HTTP/1.1 ${status} ${reason}`, 'Content-Type: application/json', `Content-Length: ${body.length}`];
  if (socket.writable) socket.write([...head, 'Connection: close', '', body].join('\r\n'));
  socket.destroy(error);
}

/** How often a closing server looks for connections that have become idle. Milliseconds. */
const SWEEP_MS = 100;

/**
 * Node closes idle connections once, when the server closes: one that becomes idle later would hold the server open for
 * its keep-alive time, and a slow sender, whom nothing times out any more then, for ever.
 */
function drainOnClose(app: FastifyInstance, { stalledMs, drainMs }: WebhookLimits, { cutStalled }: Connections): void {
  const timers: NodeJS.Timeout[] = [];
  app.addHook('preClose', (done) => {
    const sweep = setInterval(() => {
      app.server.closeIdleConnections();
    }, SWEEP_MS);
    const stalled = setTimeout(cutStalled, stalledMs);
    const cutOff = setTimeout(() => {
      app.server.closeAllConnections();
    }, drainMs);
    // The connections themselves keep the process alive.
    timers.push(sweep.unref(), stalled.unref(), cutOff.unref());
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
