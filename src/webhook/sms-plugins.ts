import { createSmsReceipts, type SmsReceiptsConfig } from '../sms/from-config.js';
import { createHttpSmsReceipts, httpSms, type HttpSmsReceiptsOptions } from '../sms/http-provider.js';
import type { SmsReceipts } from '../sms/sms-receipts.js';
import { twilioSms } from '../sms/twilio-definition.js';
import { createTwilioReceipts, type TwilioReceiptsOptions } from '../sms/twilio-receipts.js';
import { addSmsRoute, smsWebhook } from './sms-webhook.js';
import type { WebhookContextOptions } from './webhook-context.js';
import { webhookPlugin } from './webhook-route.js';

export interface SmsHttpWebhookOptions extends WebhookContextOptions, HttpSmsReceiptsOptions {}

/**
 * POST /webhooks/sms/http: receipts of the `http` provider, as {@link smsWebhook} serves them. Throws a TypeError for a
 * secret that is not `whsec_` and base64.
 */
export const smsHttpWebhook = webhookPlugin<SmsHttpWebhookOptions>((app, options) => {
  addSmsRoute(app, { ...options, name: httpSms.name, receipts: createHttpSmsReceipts(options) });
});

export interface SmsTwilioWebhookOptions extends WebhookContextOptions, TwilioReceiptsOptions {}

/**
 * POST /webhooks/sms/twilio?reference={workflow id}: Twilio's status callbacks, as {@link smsWebhook} serves them.
 * Throws a TypeError without a token or with an unusable publicUrl.
 */
export const smsTwilioWebhook = webhookPlugin<SmsTwilioWebhookOptions>((app, options) => {
  addSmsRoute(app, { ...options, name: twilioSms.name, receipts: createTwilioReceipts(options) });
});

export interface SmsWebhooksOptions extends WebhookContextOptions {
  /** The built-in providers. Each one that is configured gets a route. */
  readonly sms?: SmsReceiptsConfig | undefined;
  /** Further providers by name. Each gets a route, POST /webhooks/sms/{name}. */
  readonly smsReceipts?: Readonly<Record<string, SmsReceipts>> | undefined;
}

/** The routes of all these providers. Throws a TypeError on a configuration that can't work. */
export const smsWebhooks = webhookPlugin<SmsWebhooksOptions>((app, { sms = {}, smsReceipts = {}, ...options }) => {
  for (const [name, config] of Object.entries(sms)) {
    if (config === undefined) continue;
    app.register(smsWebhook, { ...options, name, receipts: createSmsReceipts(name, config) });
  }
  for (const [name, receipts] of Object.entries(smsReceipts)) app.register(smsWebhook, { ...options, name, receipts });
});
