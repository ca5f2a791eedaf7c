import { createLimiter, type Limiter } from './limiter.js';
import { limitsOf, type WebhookLimits } from './limits.js';
import { createBodyBudget, type BodyBudget } from './request-body.js';

/** What all webhooks of one process share: how much they do at one time, and the memory for large bodies. */
export interface SharedWork {
  readonly bodies: BodyBudget;
  /** Limits all calls to Temporal whose answer a sender waits for. */
  readonly limitSignals: Limiter;
  /** Limits the events that are being forwarded. */
  readonly limitForwards: Limiter;
  /** Limits the calls of `onEvent`. One that is timed out keeps its place until it settles. */
  readonly limitHandlers: Limiter;
}

/** Pass the result to every plugin as `work`, with the same `limits`. */
export function createSharedWork(given?: Partial<WebhookLimits>): SharedWork {
  const limits = limitsOf(given);
  const forwards = { length: limits.forwardsWaiting, waitMs: limits.forwardWaitMs };
  return {
    bodies: createBodyBudget(limits.bodiesBytes),
    limitSignals: createLimiter(limits.signalsInFlight, {
      length: limits.signalsWaiting,
      waitMs: limits.signalWaitMs,
    }),
    limitForwards: createLimiter(limits.forwardsInFlight, forwards),
    limitHandlers: createLimiter(limits.forwardsInFlight),
  };
}
