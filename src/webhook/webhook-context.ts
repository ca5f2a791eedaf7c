import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { OptOuts } from '../contract/opt-out.js';
import type { DeliverySignals } from './delivery-signals.js';
import { createLimiter, type Limiter } from './limiter.js';
import { DEFAULT_LIMITS, type WebhookLimits } from './limits.js';
import { createWebhookMetrics, type WebhookMetrics } from './metrics.js';
import { createBodyBudget, type BodyBudget } from './request-body.js';

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
  /** The memory for large bodies. Several plugins may share it. Default: `limits.bodiesBytes` for this plugin alone. */
  readonly bodies?: BodyBudget;
}

/** What the parts of a webhook share. */
export interface WebhookContext {
  readonly deliveries: DeliverySignals;
  readonly optOuts: OptOuts | undefined;
  /** Limits all calls to Temporal whose answer the sender waits for. */
  readonly limitSignals: Limiter;
  readonly log: WebhookLog;
  readonly metrics: WebhookMetrics;
  readonly limits: WebhookLimits;
  readonly bodies: BodyBudget;
}

export function createWebhookContext({ deliveries, log, registry, ...options }: WebhookContextOptions): WebhookContext {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { signalsInFlight, signalsWaiting, signalWaitMs } = limits;
  return {
    deliveries,
    optOuts: options.optOuts,
    limitSignals: createLimiter(signalsInFlight, { length: signalsWaiting, waitMs: signalWaitMs }),
    log,
    metrics: createWebhookMetrics(registry),
    limits,
    bodies: options.bodies ?? createBodyBudget(limits.bodiesBytes),
  };
}
