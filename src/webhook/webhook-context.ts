import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { OptOuts } from '../contract/opt-out.js';
import type { DeliverySignals } from './delivery-signals.js';
import { limitsOf, type WebhookLimits } from './limits.js';
import { createWebhookMetrics, type WebhookMetrics } from './metrics.js';
import { createSharedWork, type SharedWork } from './shared-work.js';

/** pino or a compatible logger. It gets constant messages and ids, never a phone number, a text, a token or a body. */
export type WebhookLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** The options that every webhook plugin takes. */
export interface WebhookContextOptions {
  readonly deliveries: DeliverySignals;
  /**
   * Records UNSUBSCRIBE, SUBSCRIBE, their keywords, and opt-outs from SMS in receipts. Without it the webhook only counts
   * them, and the one for RBM warns once.
   */
  readonly optOuts?: OptOuts | undefined;
  readonly log: WebhookLog;
  /** Receives the `rcs_webhook_*` metrics. Several plugins may share one registry. */
  readonly registry: Registry;
  /** Overrides single fields of {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<WebhookLimits>;
  /** What several plugins do together: see {@link createSharedWork}. Default: this plugin's own. */
  readonly work?: SharedWork;
}

/** What the parts of a webhook share. */
export interface WebhookContext extends SharedWork {
  readonly deliveries: DeliverySignals;
  readonly optOuts: OptOuts | undefined;
  readonly log: WebhookLog;
  readonly metrics: WebhookMetrics;
  readonly limits: WebhookLimits;
}

export function createWebhookContext({ deliveries, log, registry, ...options }: WebhookContextOptions): WebhookContext {
  const limits = limitsOf(options.limits);
  return {
    ...(options.work ?? createSharedWork(limits)),
    deliveries,
    optOuts: options.optOuts,
    log,
    metrics: createWebhookMetrics(registry),
    limits,
  };
}
