import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { signStandardWebhook, verifyStandardWebhook } from '../http/standard-webhooks.js';
import { parseJson } from './request-body.js';
import { createReceiptTaker, sendTimeOf, type TakeReceipt } from './sms-receipts.js';
import { createWebhookContext, type WebhookContext, type WebhookContextOptions } from './webhook-context.js';
import { addWebhookRoute, createRefusal, webhookPlugin, type Refuse } from './webhook-route.js';

export interface SmsHttpWebhookOptions extends WebhookContextOptions {
  /** `whsec_` + base64: the current secret first, then those being rotated out. */
  readonly secrets: readonly string[];
}

/** `sendTime` may be anything; a gateway's clock is no reason to lose a receipt. */
const Receipt = z.object({ reference: z.string(), status: z.string(), sendTime: z.unknown().optional() });
const Status = z.enum(['SENT', 'DELIVERED', 'UNDELIVERED']).optional().catch(undefined);

/**
 * POST /webhooks/sms/http: receipts `{"reference","status","sendTime"}` of the `http` provider, signed as Standard
 * Webhooks says. 401 for a wrong or old signature; 503 while Temporal is unreachable; 200 for all else, also for what a
 * repetition can't help. Throws a TypeError when a secret is not one.
 */
export const smsHttpWebhook = webhookPlugin<SmsHttpWebhookOptions>((app, options) => {
  const { secrets } = options;
  assertUsable(secrets);
  const context = createWebhookContext(options);
  const take = createReceiptTaker({ source: 'smsHttp', context });
  const room: Room = { secrets, context, refuse: createRefusal(context, 'smsHttp'), take };
  addWebhookRoute(app, context, {
    source: 'smsHttp',
    url: '/webhooks/sms/http',
    contentType: 'application/json',
    receive: (request, body) => receive(room, request, body),
  });
});

interface Room {
  readonly secrets: readonly string[];
  readonly context: WebhookContext;
  readonly refuse: Refuse;
  readonly take: TakeReceipt;
}

async function receive(
  { secrets, context, refuse, take }: Room,
  { headers }: FastifyRequest,
  body: Buffer,
): Promise<unknown> {
  if (!verifyStandardWebhook({ secrets, headers, body })) {
    throw refuse('unsigned');
  }
  const receipt = Receipt.safeParse(parseJson(body));
  if (!receipt.success) {
    context.metrics.event('smsHttp', 'unreadable', 'unreadable');
    context.log.warn({ source: 'smsHttp' }, 'a receipt can not be read');
    return {};
  }
  const { reference, status, sendTime } = receipt.data;
  // The same on every repetition of a receipt (Standard Webhooks); the signature covers it.
  const eventId = String(headers['webhook-id']);
  await take({ reference, status: Status.parse(status), eventId, sendTime: sendTimeOf(sendTime) });
  return {};
}

function assertUsable(secrets: readonly string[]): void {
  const usable = (secret: string) => {
    try {
      return secret.startsWith('whsec_') && signStandardWebhook({ secret, id: 'id', body: '' })['webhook-id'] === 'id';
    } catch {
      return false;
    }
  };
  if (secrets.length === 0 || !secrets.every(usable))
    throw new TypeError('secrets must be whsec_ + base64, at least one');
}
