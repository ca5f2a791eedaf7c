import type { FastifyReply } from 'fastify';
import type { WebhookBody } from '../rbm/webhook-body.js';
import { sharesToken } from '../rbm/webhook-signature.js';
import { WebhookError } from './errors.js';
import type { WebhookContext } from './webhook-context.js';
import type { Refuse } from './webhook-route.js';

/** RBM's secrets are far shorter. Only plain ASCII is sent back, so that a browser can't run it as a script. */
const PLAIN_SECRET = /^[\x20-\x7e]{1,1024}$/;

interface HandshakeContext extends Pick<WebhookContext, 'metrics' | 'log'> {
  readonly clientTokens: readonly string[];
  readonly refuse: Refuse;
}

/** Answers RBM's verification with the bare secret. It is not signed; only the clientToken proves that it is RBM's. */
export function answerHandshake(
  { clientTokens, refuse, metrics, log }: HandshakeContext,
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
