import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseWebhookBody, type WebhookBody } from '../rbm/webhook-event.js';
import { sharesToken, verifyRbmSignature } from '../rbm/webhook-signature.js';
import { asPlugin } from './as-plugin.js';
import { edgeOf, type Edge, type EdgeOptions } from './edge.js';
import type { ForwarderOptions, RawEvent } from './forwarder.js';
import { jsonOf } from './json-of.js';
import { createRbmConsumer, type RbmConsumer } from './rbm-consumer.js';
import { createRefusal, type Refuse } from './unverified.js';
import { WebhookError } from './webhook-error.js';
import { addWebhookRoute } from './webhook-scope.js';

export interface RbmWebhookOptions extends EdgeOptions, ForwarderOptions {
  /** The current clientToken first, then those being rotated out. */
  readonly clientTokens: readonly string[];
  /** Only these agents' events reach deliveries; with or without `@rbm.goog`. Default: every agent of the partner. */
  readonly agents?: readonly string[] | undefined;
}

/**
 * POST /webhooks/rbm: RBM's verification handshake and its events (RBM "Webhooks"). Throws a TypeError without a token.
 *
 * Answers 200 only when the event is durable in Temporal, or surely nothing to us. RBM repeats everything else for seven
 * days, and delays every agent of the partner meanwhile; so what a repetition can't help is answered 200 as well:
 * a signed event that can't be read, that Temporal will never take, or of a delivery that has ended.
 *
 * A wrong signature gets 401, although Google's sample answers 200: such an event is not provably RBM's, and if it is
 * RBM's, then a token was rotated wrongly on our side. A 200 would lose every event until somebody notices.
 */
export const rbmWebhook = asPlugin<RbmWebhookOptions>((app, options) => {
  const { clientTokens } = options;
  if (clientTokens.length === 0 || clientTokens.includes('')) {
    throw new TypeError('clientTokens must hold at least one token, and no empty one');
  }
  const edge = edgeOf(options);
  const { consume, stop } = createRbmConsumer(options, edge);
  const room: Room = { clientTokens, edge, refuse: createRefusal(edge, 'rbm'), consume };
  app.addHook('onClose', stop);
  addWebhookRoute(app, edge, {
    source: 'rbm',
    url: '/webhooks/rbm',
    contentType: 'application/json',
    receive: (request, body, reply) => receive(room, { request, body, reply }),
  });
});

interface Room {
  readonly clientTokens: readonly string[];
  readonly edge: Edge;
  readonly refuse: Refuse;
  readonly consume: RbmConsumer['consume'];
}
interface Call {
  readonly request: FastifyRequest;
  readonly body: Buffer;
  readonly reply: FastifyReply;
}

async function receive(room: Room, call: Call): Promise<unknown> {
  const parsed = parseWebhookBody(jsonOf(call.body));
  if (parsed.kind === 'handshake') return answerHandshake(room, parsed, call.reply);
  const signature = headerOf(call.request, 'x-goog-signature') ?? '';
  // An envelope without data could still be signed: over no bytes at all.
  const data = parsed.kind === 'envelope' ? parsed.data : Buffer.alloc(0);
  if (!verifyRbmSignature({ clientTokens: room.clientTokens, data, signature })) {
    throw room.refuse(parsed.kind === 'envelope' ? 'unsigned' : 'malformed');
  }
  await room.consume(data, rawEventOf(call, signature));
  return {};
}

/** What RBM sends is far shorter; whoever knows the token still gets nothing echoed that a browser could run. */
const PLAIN_SECRET = /^[\x20-\x7e]{1,1024}$/;

/** RBM "Webhooks", verification: the answer is the bare secret. Not signed; only the clientToken guards it. */
function answerHandshake(
  { clientTokens, refuse, edge: { metrics, log } }: Room,
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
