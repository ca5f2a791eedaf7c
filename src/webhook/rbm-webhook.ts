import type { FastifyReply, FastifyRequest } from 'fastify';
import { bareAgentId } from '../contract/ids.js';
import { sparsely } from '../observability/sparsely.js';
import { jsonOfBytes } from '../http/json-of-bytes.js';
import type { RbmEvent } from '../rbm/rbm-event.js';
import { parseWebhookBody } from '../rbm/webhook-body.js';
import { readRbmEvent } from '../rbm/webhook-event.js';
import { verifyRbmSignature } from '../rbm/webhook-signature.js';
import { createDeliveryEvents, type DeliveryEvents } from './delivery-events.js';
import { createForwarder, type Forwarder, type ForwarderOptions, type Signed } from './forwarder.js';
import { createLateDuplicates } from './late-duplicates.js';
import { reportLaunch } from './launch-events.js';
import { createOptOutEvents, type OptOutEvents } from './opt-out-events.js';
import { answerHandshake } from './rbm-handshake.js';
import { createSignalOnce } from './signal-once.js';
import { createWebhookContext, type WebhookContext, type WebhookContextOptions } from './webhook-context.js';
import { addWebhookRoute, createRefusal, webhookPlugin, type Refuse } from './webhook-route.js';

export interface RbmWebhookOptions extends WebhookContextOptions, ForwarderOptions {
  /** The current clientToken first, then those being rotated out. */
  readonly clientTokens: readonly string[];
  /** The agents whose events are acted on, with or without `@rbm.goog`. Default: every agent of the partner. */
  readonly agents?: readonly string[] | undefined;
}

/**
 * POST /webhooks/rbm: RBM's verification request and its events (RBM "Webhooks"). Throws a TypeError without a token.
 */
export const rbmWebhook = webhookPlugin<RbmWebhookOptions>((app, options) => {
  const { clientTokens, agents } = options;
  if (clientTokens.length === 0 || clientTokens.some((token) => token.trim() === '')) {
    throw new TypeError('clientTokens must hold at least one token, and no empty one');
  }
  const context = createWebhookContext(options);
  const lateDuplicates = createLateDuplicates(context);
  const rbm: RbmContext = {
    ...context,
    clientTokens,
    isAllowed: createAllowList(agents),
    refuse: createRefusal(context, 'rbm'),
    deliveryEvents: createDeliveryEvents(createSignalOnce(context, 'rbm'), lateDuplicates),
    optOutEvents: createOptOutEvents(context),
    forward: createForwarder(options, context),
    warnUnreadable: sparsely<string>((leftOut, reason) => {
      context.log.warn({ reason, leftOut }, 'an RBM event can not be read');
    }),
  };
  app.addHook('onClose', lateDuplicates.stop);
  addWebhookRoute(app, context, {
    source: 'rbm',
    url: '/webhooks/rbm',
    contentType: 'application/json',
    maxBytes: context.limits.rbmBodyBytes,
    receive: (request, body, reply) => receive(rbm, { request, body, reply }),
  });
});

interface RbmContext extends WebhookContext {
  readonly clientTokens: readonly string[];
  readonly isAllowed: (agentId: string | undefined) => boolean;
  readonly refuse: Refuse;
  readonly deliveryEvents: DeliveryEvents;
  readonly optOutEvents: OptOutEvents;
  readonly forward: Forwarder;
  readonly warnUnreadable: (reason: string) => void;
}

interface Call {
  readonly request: FastifyRequest;
  readonly body: Buffer;
  readonly reply: FastifyReply;
}

/**
 * The life of one request: bytes, signature, event, what is done about it, answer. What it returns is answered with 200.
 *
 * RBM repeats whatever is not answered 200 for seven days, and delays every agent of the partner meanwhile. So an event
 * that a repetition can not help is answered 200 as well; see `handleEvent`.
 */
async function receive(rbm: RbmContext, call: Call): Promise<unknown> {
  const parsed = parseWebhookBody(jsonOfBytes(call.body));
  if (parsed.kind === 'handshake') return answerHandshake(rbm, parsed, call.reply);

  const signature = headerOf(call.request, 'x-goog-signature') ?? '';
  // Without message.data, a call could still be signed: the signature then covers zero bytes.
  const data = parsed.kind === 'envelope' ? parsed.data : Buffer.alloc(0);
  // Google's sample answers 200 here. If the operator rotated a token wrongly, that would lose every event.
  if (!verifyRbmSignature({ clientTokens: rbm.clientTokens, data, signature })) {
    throw rbm.refuse(parsed.kind === 'envelope' ? 'unsigned' : 'malformed');
  }

  const publishTime = parsed.kind === 'envelope' ? parsed.publishTime : undefined;
  const webhookType = headerOf(call.request, 'x-goog-webhook-type');
  await handleEvent(rbm, readRbmEvent(data), { data, signature, webhookType, publishTime });
  return {};
}

/**
 * Brings an event to its delivery, records an opt-out, or forwards the event. Resolves when it is durable, or when a
 * repetition can not help: the content can not be read, Temporal refuses the signal for good, or the delivery is closed
 * or unknown.
 */
async function handleEvent(rbm: RbmContext, event: RbmEvent, signed: Signed): Promise<void> {
  const { metrics, deliveryEvents, optOutEvents, forward } = rbm;
  if (event.kind === 'unreadable') {
    metrics.event('rbm', event.kind, 'unreadable');
    rbm.warnUnreadable(event.reason);
    // It is signed by RBM, so another receiver may be able to read it.
    return forward(event, signed);
  }
  if (!rbm.isAllowed(event.agentId)) {
    metrics.event('rbm', event.kind, 'foreignAgent');
    return forward(event, signed);
  }
  switch (event.kind) {
    case 'delivered':
    case 'read':
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed': {
      const verdict = await deliveryEvents.message(event);
      // The message may have been sent by another system.
      if (verdict === 'unknown') await forward(event, signed);
      return;
    }
    // First Temporal, then forward: if Temporal is down, RBM's repetition does both.
    case 'unsubscribe':
    case 'subscribe':
      await optOutEvents.subscription(event, signed.publishTime);
      return forward(event, signed);
    case 'userMessage':
      await deliveryEvents.reply(event);
      await optOutEvents.keyword(event, signed.publishTime);
      break;
    case 'agentLaunch':
      reportLaunch(rbm, event);
      break;
    case 'typing':
    case 'other':
  }
  metrics.event('rbm', event.kind, 'notConsumed');
  return forward(event, signed);
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function createAllowList(agents: readonly string[] | undefined): RbmContext['isAllowed'] {
  if (agents === undefined) return () => true;
  if (agents.length === 0) throw new TypeError('agents must name at least one agent, or be left out');
  const allowed = new Set(agents.map(bareAgentId));
  return (agentId) => agentId === undefined || allowed.has(agentId);
}
