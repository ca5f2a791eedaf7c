import { TookTooLongError, within } from '../http/within.js';
import type { RbmEvent } from '../rbm/rbm-event.js';
import { WebhookError } from './errors.js';
import { createLimiter, OverloadedError } from './limiter.js';
import type { ForwardVerdict } from './metrics.js';
import type { WebhookContext } from './webhook-context.js';

/** A POST as RBM made it. A receiver can check its signature again. */
export interface RawEvent {
  readonly body: Buffer;
  readonly contentType: string;
  /** X-Goog-Signature. */
  readonly signature: string;
  /** X-Goog-Webhook-Type, when given. The signature does not cover it. */
  readonly webhookType?: string;
}

/**
 * Handles user messages, suggestion replies, typing, opt-outs and their end, launch events, unreadable events, and the
 * events of unknown deliveries and of agents that are not allowed. Opt-outs are durable before it is called. Called at
 * least once per event. When it throws, RBM gets 503 and repeats the event.
 */
export type OnEvent = (event: RbmEvent, raw: RawEvent) => void | Promise<void>;

export interface ForwardTarget {
  /** http or https, without credentials. */
  readonly url: string;
  /** The time limit for the whole call, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ForwarderOptions {
  readonly onEvent?: OnEvent | undefined;
  readonly forward?: ForwardTarget | undefined;
}

/** Resolves once every receiver has accepted the event. Throws a WebhookError or an OverloadedError. */
export type Forwarder = (event: RbmEvent, raw: RawEvent) => Promise<void>;

/**
 * Forwards events to `onEvent` first and then to the URL. Nothing is stored: a receiver's failure becomes the answer to
 * RBM, and RBM's repetition is the retry. Throws a TypeError for an unusable URL.
 */
export function createForwarder({ onEvent, forward }: ForwarderOptions, context: WebhookContext): Forwarder {
  const { metrics, limits } = context;
  if (forward !== undefined) assertUsable(forward.url);
  const queue = { length: limits.forwardsWaiting, waitMs: limits.forwardWaitMs };
  const limitForwards = createLimiter(limits.forwardsInFlight, queue);
  // A handler that is timed out keeps its place until it settles.
  const limitHandlers = createLimiter(limits.forwardsInFlight);

  return async (event, raw) => {
    if (onEvent === undefined && forward === undefined) {
      metrics.forwarded('noReceiver');
      return;
    }
    try {
      await limitForwards(async () => {
        if (onEvent !== undefined) await handle(() => limitHandlers(async () => onEvent(event, raw)), event, context);
        if (forward !== undefined) await post(forward, raw);
      });
      metrics.forwarded('forwarded');
    } catch (error) {
      metrics.forwarded(verdictOf(error));
      throw error;
    }
  };
}

/** The error does not repeat the URL, which may hold a secret. */
function assertUsable(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const usable = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username + parsed.password === '';
  if (!usable) throw new TypeError('forward.url must be an http or https URL without credentials');
}

async function handle(call: () => Promise<void>, { kind }: RbmEvent, { limits, log }: WebhookContext): Promise<void> {
  try {
    await within(call(), limits.handlerTimeoutMs);
  } catch (error) {
    if (error instanceof OverloadedError) throw error;
    // Its message is not logged: it comes from the embedder's code, and may quote what the user wrote.
    log.warn({ kind, tookTooLong: error instanceof TookTooLongError }, 'onEvent failed');
    throw new WebhookError('FORWARD_UNAVAILABLE');
  }
}

/** Posts the original bytes. It follows no redirect, which would carry the event to an unknown place. */
async function post({ url, timeoutMs }: ForwardTarget, raw: RawEvent): Promise<void> {
  const { body, contentType, signature, webhookType } = raw;
  const headers = {
    'content-type': contentType,
    'x-goog-signature': signature,
    ...(webhookType !== undefined && { 'x-goog-webhook-type': webhookType }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' }).catch(() => {
    throw new WebhookError('FORWARD_UNAVAILABLE');
  });
  // Only the status matters.
  response.body?.cancel().catch(() => undefined);
  if (!response.ok) {
    throw new WebhookError('FORWARD_REFUSED', isErrorStatus(response.status) ? response.status : undefined);
  }
}

/** Only such a status is passed on to RBM. A receiver may also redirect, or answer 999. */
const isErrorStatus = (status: number) => status >= 400 && status <= 599;

function verdictOf(error: unknown): ForwardVerdict {
  if (error instanceof OverloadedError) return 'overloaded';
  return error instanceof WebhookError && error.code === 'FORWARD_REFUSED' ? 'refused' : 'unavailable';
}
