import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createBodyBudget, type BodyBudget } from './body-budget.js';
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
  /** The memory for large bodies. Several plugins may share one. Default: one of its own, of `limits.bodiesBytes`. */
  readonly bodies?: BodyBudget;
}

export interface Edge {
  readonly deliveries: DeliverySignals;
  readonly log: WebhookLog;
  readonly metrics: WebhookMetrics;
  readonly limits: WebhookLimits;
  readonly bodies: BodyBudget;
}

export function edgeOf({ deliveries, log, registry, ...options }: EdgeOptions): Edge {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const bodies = options.bodies ?? createBodyBudget(limits.bodiesBytes);
  return { deliveries, log, metrics: createWebhookMetrics(registry), limits, bodies };
}
