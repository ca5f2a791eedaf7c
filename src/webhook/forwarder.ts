import type { Fetch } from '../http/exchange.js';
import { TookTooLongError, within } from '../http/within.js';
import type { RbmEvent } from '../rbm/rbm-event.js';
import { WebhookError } from './errors.js';
import { createForwardOnce, forwardKeyOf } from './forward-once.js';
import { OverloadedError } from './limiter.js';
import type { ForwardVerdict } from './metrics.js';
import { verifiedEventOf, type SignedData, type VerifiedEvent } from './verified-event.js';
import type { WebhookContext } from './webhook-context.js';

/**
 * Handles user messages, suggestion replies, typing, opt-outs and their end, launch events, unreadable events, and the
 * events of unknown deliveries and of agents that are not allowed. Opt-outs are durable before it is called. Called at
 * least once per event, and not again for 15 minutes after it has resolved. When it throws, RBM gets 503 and repeats the
 * event.
 */
export type OnEvent = (event: RbmEvent, verified: VerifiedEvent) => void | Promise<void>;

export interface ForwardTarget {
  /** http or https, without credentials. */
  readonly url: string;
  /** The time limit for the whole call, in milliseconds. */
  readonly timeoutMs: number;
  /** Default: Node's, which uses no proxy. */
  readonly fetch?: Fetch;
}

export interface ForwarderOptions {
  readonly onEvent?: OnEvent | undefined;
  readonly forward?: ForwardTarget | undefined;
}

/** What an event is forwarded with. */
export interface Signed extends SignedData {
  /** Not signed: see `WebhookBody`. */
  readonly publishTime: string | undefined;
}

/** Resolves once every receiver has accepted the event. Throws a WebhookError or an OverloadedError. */
export type Forwarder = (event: RbmEvent, signed: Signed) => Promise<void>;

/**
 * Forwards events to `onEvent` first and then to the URL. Nothing is stored: a receiver's failure becomes the answer to
 * RBM, and RBM's repetition is the retry. Throws a TypeError for an unusable URL.
 */
export function createForwarder({ onEvent, forward }: ForwarderOptions, context: WebhookContext): Forwarder {
  const { metrics, limits, limitForwards, limitHandlers } = context;
  if (forward !== undefined) assertUsable(forward.url);
  const once = createForwardOnce(limits.remembered);
  // When the URL refuses the event, its repetition does not reach the handler again.
  const onceHandled = createForwardOnce(limits.remembered);

  async function offer(key: string, event: RbmEvent, verified: VerifiedEvent): Promise<void> {
    if (onEvent !== undefined) {
      const call = () => limitHandlers(async () => onEvent(event, verified));
      await onceHandled(key, () => handle(call, event, context));
    }
    if (forward !== undefined) await post(forward, verified);
  }

  return async (event, signed) => {
    if (onEvent === undefined && forward === undefined) {
      metrics.forwarded('noReceiver');
      return;
    }
    try {
      const key = forwardKeyOf(event, signed.data, signed.publishTime);
      // Repetitions wait outside the limit, so that those of one event take one place.
      const verdict = await once(key, () => limitForwards(() => offer(key, event, verifiedEventOf(signed))));
      metrics.forwarded(verdict);
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

/** It follows no redirect, which would carry the event to an unknown place. */
async function post(
  { url, timeoutMs, fetch = globalThis.fetch }: ForwardTarget,
  verified: VerifiedEvent,
): Promise<void> {
  const { body, contentType, signature, webhookType } = verified;
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
