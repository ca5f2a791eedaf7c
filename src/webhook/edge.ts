import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { DeliverySignals } from './delivery-signals.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';
import { createWebhookMetrics, type WebhookMetrics } from './webhook-metrics.js';

/** pino, or anything like it. Gets constant messages and ids: never a number, a text, a token or a body. */
export type WebhookLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** What every plugin of ours needs. */
export interface EdgeOptions {
  readonly deliveries: DeliverySignals;
  readonly log: WebhookLog;
  /** Where the metrics `rcs_webhook_*` go. Several plugins may share one. */
  readonly registry: Registry;
  /** Default: {@link DEFAULT_LIMITS}, each. */
  readonly limits?: Partial<WebhookLimits>;
}

export interface Edge {
  readonly deliveries: DeliverySignals;
  readonly log: WebhookLog;
  readonly metrics: WebhookMetrics;
  readonly limits: WebhookLimits;
}

export function edgeOf({ deliveries, log, registry, limits }: EdgeOptions): Edge {
  return { deliveries, log, metrics: createWebhookMetrics(registry), limits: { ...DEFAULT_LIMITS, ...limits } };
}
