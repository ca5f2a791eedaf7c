import { METHODS } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { sparsely } from '../observability/sparsely.js';
import { createConnections, type Connections } from './connections.js';
import { answerClientError, answerError, WebhookError } from './errors.js';
import type { ForwarderOptions } from './forwarder.js';
import { health } from './health.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';
import { createWebhookMetrics, metrics } from './metrics.js';
import { rbmWebhook, type RbmWebhookOptions } from './rbm-webhook.js';
import { createBodyBudget } from './request-body.js';
import { smsHttpWebhook, type SmsHttpWebhookOptions } from './sms-http-webhook.js';
import { smsTwilioWebhook, type SmsTwilioWebhookOptions } from './sms-twilio-webhook.js';
import type { WebhookContextOptions } from './webhook-context.js';

export interface WebhookOptions extends WebhookContextOptions, ForwarderOptions {
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
  const shared = { bodies: createBodyBudget(limits.bodiesBytes), ...rest };
  const connections = createConnections(limits, tellFull(options, limits));
  const app = createApp(limits, { ...options, connections });
  drainOnClose(app, limits, connections);
  app.register(health, shared);
  app.register(metrics, shared);
  app.register(rbmWebhook, { ...shared, ...rbm, onEvent, forward });
  if (sms?.http !== undefined) app.register(smsHttpWebhook, { ...shared, ...sms.http });
  if (sms?.twilio !== undefined) app.register(smsTwilioWebhook, { ...shared, ...sms.twilio });
  return app;
}

function createApp(
  limits: WebhookLimits,
  { log, connections }: WebhookContextOptions & { readonly connections: Connections },
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
function tellFull({ log, registry }: WebhookContextOptions, { connections }: WebhookLimits): () => void {
  const counters = createWebhookMetrics(registry);
  const warn = sparsely((leftOut) => {
    log.warn({ connections, leftOut }, 'too many connections: some are dropped');
  });
  return () => {
    counters.connectionDropped();
    warn();
  };
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
