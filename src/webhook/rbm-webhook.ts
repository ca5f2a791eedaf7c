import type { FastifyReply, FastifyRequest } from 'fastify';
import { bareAgentId } from '../contract/ids.js';
import type { RbmEventSignal } from '../contract/messages.js';
import { sparsely } from '../observability/sparsely.js';
import { jsonOfBytes } from '../http/json-of-bytes.js';
import { parseWebhookBody, readRbmEvent, type RbmEvent, type WebhookBody } from '../rbm/webhook-event.js';
import { sharesToken, verifyRbmSignature } from '../rbm/webhook-signature.js';
import { WebhookError } from './errors.js';
import { createForwarder, type Forwarder, type ForwarderOptions, type RawEvent } from './forwarder.js';
import { createLateDuplicates, type LateDuplicates } from './late-duplicates.js';
import type { Verdict } from './metrics.js';
import { repliesOf, signalOf, type MessageEvent } from './rbm-signals.js';
import { createSignalOnce, type EventSignal, type SignalOnce } from './signal-once.js';
import { createWebhookContext, type WebhookContext, type WebhookContextOptions } from './webhook-context.js';
import { addWebhookRoute, createRefusal, webhookPlugin, type Refuse } from './webhook-route.js';

export interface RbmWebhookOptions extends WebhookContextOptions, ForwarderOptions {
  /** The current clientToken first, then those being rotated out. */
  readonly clientTokens: readonly string[];
  /** The agents whose events reach deliveries, with or without `@rbm.goog`. Default: every agent of the partner. */
  readonly agents?: readonly string[] | undefined;
}

/**
 * POST /webhooks/rbm: RBM's verification request and its events (RBM "Webhooks"). Throws a TypeError without a token.
 */
export const rbmWebhook = webhookPlugin<RbmWebhookOptions>((app, options) => {
  const { clientTokens, agents } = options;
  if (clientTokens.length === 0 || clientTokens.includes('')) {
    throw new TypeError('clientTokens must hold at least one token, and no empty one');
  }
  const context = createWebhookContext(options);
  const lateDuplicates = createLateDuplicates(context);
  const rbm: RbmContext = {
    ...context,
    clientTokens,
    isAllowed: createAllowList(agents),
    refuse: createRefusal(context, 'rbm'),
    signalOnce: createSignalOnce(context, 'rbm'),
    forward: createForwarder(options, context),
    lateDuplicates,
    warnUnreadable: sparsely<string>((leftOut, reason) => {
      context.log.warn({ reason, leftOut }, 'an RBM event can not be read');
    }),
  };
  app.addHook('onClose', lateDuplicates.stop);
  addWebhookRoute(app, context, {
    source: 'rbm',
    url: '/webhooks/rbm',
    contentType: 'application/json',
    receive: (request, body, reply) => receive(rbm, { request, body, reply }),
  });
});

interface RbmContext extends WebhookContext {
  readonly clientTokens: readonly string[];
  readonly isAllowed: (agentId: string | undefined) => boolean;
  readonly refuse: Refuse;
  readonly signalOnce: SignalOnce;
  readonly forward: Forwarder;
  readonly lateDuplicates: LateDuplicates;
  readonly warnUnreadable: (reason: string) => void;
}

interface Call {
  readonly request: FastifyRequest;
  readonly body: Buffer;
  readonly reply: FastifyReply;
}

/**
 * The life of one request: bytes, signature, event, signal, answer. What it returns is answered with 200.
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

  await handleEvent(rbm, readRbmEvent(data), rawEventOf(call, signature));
  return {};
}

/**
 * Brings an event to its delivery, or forwards it. Resolves when it is durable, or when a repetition can not help: the
 * content can not be read, Temporal refuses the signal for good, or the delivery is closed or unknown.
 */
async function handleEvent(rbm: RbmContext, event: RbmEvent, raw: RawEvent): Promise<void> {
  switch (event.kind) {
    case 'delivered':
    case 'read':
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed': {
      const verdict = await signalDelivery(rbm, event);
      // The message may have been sent by another system.
      if (verdict === 'unknown' || verdict === 'foreignAgent') await rbm.forward(event, raw);
      return;
    }
    case 'userMessage':
      // Signal first, then forward: if Temporal is down, RBM's repetition does both.
      await signalReplies(rbm, event);
      return forward(rbm, event, raw);
    case 'typing':
    case 'subscription':
    case 'other':
      return forward(rbm, event, raw);
    case 'unreadable':
      rbm.metrics.event('rbm', event.kind, 'unreadable');
      rbm.warnUnreadable(event.reason);
      // It is signed by RBM, so another receiver may be able to read it.
      return rbm.forward(event, raw);
  }
}

async function signalDelivery(rbm: RbmContext, event: MessageEvent): Promise<Verdict> {
  if (rbm.isAllowed(event.agentId)) return signal(rbm, signalOf(event, new Date()));
  rbm.metrics.event('rbm', event.kind, 'foreignAgent');
  return 'foreignAgent';
}

/** Signals every delivery that the reply names. */
async function signalReplies(rbm: RbmContext, event: Extract<RbmEvent, { kind: 'userMessage' }>): Promise<void> {
  if (!rbm.isAllowed(event.agentId)) return;
  await Promise.all(repliesOf(event, new Date()).map((reply) => signal(rbm, reply)));
}

async function signal(rbm: RbmContext, event: EventSignal<RbmEventSignal>): Promise<Verdict> {
  const { verdict, fresh } = await rbm.signalOnce(event);
  if (event.proof && verdict === 'closed' && fresh) rbm.lateDuplicates.check(event.delivery);
  return verdict;
}

function forward(rbm: RbmContext, event: Exclude<RbmEvent, MessageEvent>, raw: RawEvent): Promise<void> {
  const foreign = 'agentId' in event && !rbm.isAllowed(event.agentId);
  rbm.metrics.event('rbm', event.kind, foreign ? 'foreignAgent' : 'notConsumed');
  return rbm.forward(event, raw);
}

/** RBM's secrets are far shorter. Only plain ASCII is sent back, so that a browser can't run it as a script. */
const PLAIN_SECRET = /^[\x20-\x7e]{1,1024}$/;

/** Answers RBM's verification with the bare secret. It is not signed; only the clientToken proves that it is RBM's. */
function answerHandshake(
  { clientTokens, refuse, metrics, log }: RbmContext,
  { clientToken, secret }: Extract<WebhookBody, { kind: 'handshake' }>,
  reply: FastifyReply,
): string {
  if (!sharesToken({ clientTokens, clientToken })) throw refuse('forbidden');
  const plain = PLAIN_SECRET.test(secret);
  metrics.event('rbm', 'handshake', plain ? 'answered' : 'malformed');
  if (!plain) throw new WebhookError('MALFORMED');
  log.info({}, 'webhook verified by RBM');
  reply.type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff');
  return secret;
}

function rawEventOf({ request, body }: Call, signature: string): RawEvent {
  const contentType = request.headers['content-type'] ?? 'application/json';
  const webhookType = headerOf(request, 'x-goog-webhook-type');
  return { body, contentType, signature, ...(webhookType !== undefined && { webhookType }) };
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
