import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseWorkflowId, type DeliveryId } from '../contract/ids.js';
import { MAX_EVENT_ID, MAX_SEND_TIME, smsStatusSignal, type SmsStatusSignal } from '../contract/messages.js';
import { AGENT_ID_PATTERN, UUID_PATTERN } from '../contract/patterns.js';
import type { SmsReceipt, SmsReceipts } from '../sms/sms-receipts.js';
import type { Source } from './metrics.js';
import { createReceiptWarnings, type ReceiptWarnings } from './receipt-warnings.js';
import { createSignalOnce, type SignalOnce } from './signal-once.js';
import { createSmsOptOuts, type SmsOptOuts } from './sms-opt-outs.js';
import { createWebhookContext, type WebhookContext, type WebhookContextOptions } from './webhook-context.js';
import { addWebhookRoute, createRefusal, webhookPlugin, type Refuse } from './webhook-route.js';

export interface SmsWebhookOptions extends WebhookContextOptions {
  /** The provider's name, in lower-case letters and digits. It ends the path and, after `sms`, the metrics label. */
  readonly name: string;
  readonly receipts: SmsReceipts;
}

/**
 * POST /webhooks/sms/{name}: the receipts of one SMS provider. Answers 401 to a wrong signature, 400 to a call that
 * can't be read far enough to find its signature, 503 while Temporal is unavailable or the webhook is overloaded, and
 * otherwise 200, also when a repetition can't help.
 */
export const smsWebhook = webhookPlugin<SmsWebhookOptions>((app, options) => {
  addSmsRoute(app, options);
});

/** Adds the same route for plugins that create the `receipts`. Throws a TypeError when the name can't be in a path. */
export function addSmsRoute(app: FastifyInstance, { name, receipts, ...options }: SmsWebhookOptions): void {
  if (!/^[a-z][a-z0-9]*$/.test(name)) throw new TypeError('an SMS provider name must match [a-z][a-z0-9]*');
  const webhook = createWebhookContext(options);
  const source: Source = `sms${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
  const refuse = createRefusal(webhook, source);
  const route: Route = {
    source,
    receipts,
    webhook,
    refuse,
    warnOf: createReceiptWarnings(webhook.log, source),
    signalOnce: createSignalOnce(webhook, source),
    optOuts: createSmsOptOuts(webhook, { source, provider: name }),
  };
  addWebhookRoute(app, webhook, {
    source,
    url: `/webhooks/sms/${name}`,
    contentType: receipts.contentType,
    maxBytes: webhook.limits.smsBodyBytes,
    receive: (request, body) => receive(route, request, body),
  });
}

interface Route {
  readonly source: Source;
  readonly receipts: SmsReceipts;
  readonly webhook: WebhookContext;
  readonly refuse: Refuse;
  readonly warnOf: ReceiptWarnings;
  readonly signalOnce: SignalOnce;
  readonly optOuts: SmsOptOuts;
}

async function receive(route: Route, { headers, originalUrl }: FastifyRequest, body: Buffer): Promise<unknown> {
  const { source, receipts, webhook, refuse, warnOf } = route;
  const reading = await receipts.read({ headers, url: originalUrl, body });
  switch (reading.kind) {
    case 'unsigned':
    case 'malformed':
      throw refuse(reading.kind);
    case 'unreadable':
      webhook.metrics.event(source, 'unreadable', 'unreadable');
      warnOf.unreadable(reading.reason);
      return {};
    case 'receipt':
      await signalReceipt(route, reading);
      return {};
  }
}

/**
 * Resolves when the receipt, and an opt-out in it, are durable or certainly change nothing. Throws the same errors as
 * SignalOnce and SmsOptOuts.
 */
async function signalReceipt(route: Route, receipt: SmsReceipt): Promise<void> {
  const { webhook, signalOnce, optOuts } = route;
  const { reference = '', status, eventId } = receipt;
  const sendTime = timeOf(route, receipt.sendTime);
  const delivery = deliveryOf(reference);
  if (status === undefined) countIgnored(route, receipt);
  else if (delivery === undefined) countForeign(route);
  else {
    const payload: SmsStatusSignal = { eventId: eventId.slice(0, MAX_EVENT_ID), sendTime, status };
    const kind = `sms:${status}`;
    const { verdict, fresh } = await signalOnce({ delivery, kind, proof: false, definition: smsStatusSignal, payload });
    if (verdict === 'closed' && fresh) webhook.metrics.lateReceipt(status);
  }
  if (delivery !== undefined) await optOuts({ delivery, receipt, sendTime });
}

function countIgnored({ source, webhook, warnOf }: Route, { unknownStatus }: SmsReceipt): void {
  webhook.metrics.event(source, unknownStatus === undefined ? 'sms' : 'sms:unknownStatus', 'ignored');
  if (unknownStatus !== undefined) warnOf.unknownStatus(unknownStatus);
}

/** Of another system, or damaged by the gateway, which would lose every receipt in silence. */
function countForeign({ source, webhook, warnOf }: Route): void {
  webhook.metrics.event(source, 'sms', 'foreign');
  warnOf.foreignReference();
}

/**
 * Anybody may choose a reference, so only one that has the form of a delivery's id reaches Temporal. A gateway may change
 * the letter case of a UUID, or put white space around it.
 */
function deliveryOf(reference: string): DeliveryId | undefined {
  const delivery = parseWorkflowId(reference.trim().replace(/[^:]*$/, (messageId) => messageId.toLowerCase()));
  if (delivery === undefined) return undefined;
  return AGENT_ID_PATTERN.test(delivery.agentId) && UUID_PATTERN.test(delivery.messageId) ? delivery : undefined;
}

const SendTime = z.iso.datetime({ offset: true }).max(MAX_SEND_TIME);

/** The gateway's time, or now when it gave none that can be read: a wrong time must not lose the receipt. */
function timeOf({ warnOf }: Route, sendTime: string | undefined): string {
  const given = SendTime.safeParse(sendTime);
  if (!given.success && sendTime !== undefined) warnOf.unreadableTime();
  return given.success ? given.data : new Date().toISOString();
}
