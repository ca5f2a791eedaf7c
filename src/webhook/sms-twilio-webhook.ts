import { parse } from 'node:querystring';
import type { FastifyRequest } from 'fastify';
import type { SmsStatusSignal } from '../contract/messages.js';
import { verifyTwilioSignature } from '../sms/twilio-signature.js';
import { createReceiptTaker, type TakeReceipt } from './sms-receipts.js';
import { createWebhookContext, type WebhookContextOptions } from './webhook-context.js';
import { addWebhookRoute, createRefusal, webhookPlugin, type Refuse } from './webhook-route.js';

export interface SmsTwilioWebhookOptions extends WebhookContextOptions {
  /** The current auth token first, then the one being rotated out. */
  readonly authTokens: readonly string[];
  /** Scheme, host and any path in front of ours, as Twilio calls it: its signature covers the URL that it was given. */
  readonly publicUrl: string;
}

/** Twilio "Message status callback": what is left out changes nothing (queued, accepted, sending …). */
const STATUSES: Readonly<Record<string, SmsStatusSignal['status']>> = {
  sent: 'SENT',
  delivered: 'DELIVERED',
  read: 'DELIVERED',
  undelivered: 'UNDELIVERED',
  failed: 'UNDELIVERED',
};

/**
 * POST /webhooks/sms/twilio?reference={workflow id}: Twilio's status callbacks. 401 for a wrong signature; 503 while
 * Temporal is unreachable; 200 for all else. Throws a TypeError without a token or with an unusable publicUrl.
 */
export const smsTwilioWebhook = webhookPlugin<SmsTwilioWebhookOptions>((app, options) => {
  const { authTokens, publicUrl } = options;
  if (authTokens.length === 0 || authTokens.includes('')) {
    throw new TypeError('authTokens must hold at least one token, and no empty one');
  }
  if (!/^https?:\/\//.test(publicUrl) || !URL.canParse(publicUrl)) {
    throw new TypeError('publicUrl must be an http or https URL');
  }
  const context = createWebhookContext(options);
  const take = createReceiptTaker({ source: 'smsTwilio', context });
  const base = publicUrl.replace(/\/+$/, '');
  const room: Room = { authTokens, base, refuse: createRefusal(context, 'smsTwilio'), take };
  addWebhookRoute(app, context, {
    source: 'smsTwilio',
    url: '/webhooks/sms/twilio',
    contentType: 'application/x-www-form-urlencoded',
    receive: (request, body) => receive(room, request, body),
  });
});

interface Room {
  readonly authTokens: readonly string[];
  readonly base: string;
  readonly refuse: Refuse;
  readonly take: TakeReceipt;
}

/** Twilio sends some twenty; a thousand are still cheap to sort. */
const MOST_PARAMS = 1_000;

async function receive(
  { authTokens, base, refuse, take }: Room,
  request: FastifyRequest,
  body: Buffer,
): Promise<unknown> {
  const params = formOf(body);
  const signature = request.headers['x-twilio-signature'];
  // The address as it came, path and query unchanged: a parsed and rebuilt one may differ in its escapes.
  const url = `${base}${request.originalUrl}`;
  if (typeof signature !== 'string' || !verifyTwilioSignature({ authTokens, url, params, signature })) {
    throw refuse('unsigned');
  }
  const status = textOf(params['MessageStatus']);
  await take({
    reference: textOf(formOf(request.originalUrl.split('?')[1] ?? '')['reference']),
    status: Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined,
    eventId: `${textOf(params['MessageSid'])}:${status}`,
    // Twilio's callback carries no time of its own.
    sendTime: new Date().toISOString(),
  });
  return {};
}

type Form = Readonly<Record<string, string | readonly string[]>>;

function formOf(encoded: Buffer | string): Form {
  const form = parse(encoded.toString('utf8'), '&', '=', { maxKeys: MOST_PARAMS });
  return Object.fromEntries(
    Object.entries(form).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function textOf(value: Form[string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
