/**
 * What an embedder mounts in its own Fastify, or runs as a whole server. The plugins bring their body limits and
 * checks. Timeouts and connection limits belong to the server, so an embedder sets its own; build-server.ts is an
 * example.
 */
export { buildAdminServer, type AdminServerOptions } from './build-admin-server.js';
export { buildServer, type WebhookOptions } from './build-server.js';
export { UnreadableResultError, type ClosedResult } from './closed-result.js';
export {
  createDeliverySignals,
  TemporalUnavailableError,
  type DeliverySignals,
  type SignalResult,
  type TemporalDeliverySignals,
} from './delivery-signals.js';
export { SdkVersionError } from '../temporal/sdk-version-error.js';
export type { ForwarderOptions, ForwardTarget, OnEvent } from './forwarder.js';
export { health, type HealthOptions } from './health.js';
export { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';
export { metrics } from './metrics.js';
export { rbmWebhook, type RbmWebhookOptions } from './rbm-webhook.js';
export { createSharedWork, type SharedWork } from './shared-work.js';
export {
  smsHttpWebhook,
  smsTwilioWebhook,
  type SmsHttpWebhookOptions,
  type SmsTwilioWebhookOptions,
} from './sms-plugins.js';
export { smsWebhook, type SmsWebhookOptions } from './sms-webhook.js';
export type { SmsCallback, SmsCallbackReading, SmsReceipt, SmsReceipts } from '../sms/sms-receipts.js';
export type { OptOutEntry, OptOutPerson, OptOuts } from '../contract/opt-out.js';
export type { OptOutKeyword } from '../rbm/opt-out-keywords.js';
export type { RbmEvent } from '../rbm/rbm-event.js';
export type { VerifiedEvent, WebhookType } from './verified-event.js';
export type { WebhookContextOptions, WebhookLog } from './webhook-context.js';
