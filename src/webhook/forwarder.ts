import { TookTooLongError, within } from '../http/within.js';
import type { RbmEvent } from '../rbm/webhook-event.js';
import type { Edge } from './edge.js';
import { createGate, OverloadedError } from './gate.js';
import { WebhookError } from './webhook-error.js';

/** A POST as RBM made it, so that its signature can be checked again by whoever gets it. */
export interface RawEvent {
  readonly body: Buffer;
  readonly contentType: string;
  /** X-Goog-Signature. */
  readonly signature: string;
  /** X-Goog-Webhook-Type, when given. Not signed. */
  readonly webhookType?: string;
}

/**
 * Takes what deliveries don't consume: user messages, suggestion replies, typing, subscriptions, events of messages that
 * are not ours. A rejection is answered with 503, so RBM repeats the event. Called at least once per event.
 */
export type OnEvent = (event: RbmEvent, raw: RawEvent) => void | Promise<void>;

export interface ForwardTarget {
  /** http or https, without credentials. */
  readonly url: string;
  /** The most that the whole call may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ForwarderOptions {
  readonly onEvent?: OnEvent | undefined;
  readonly forward?: ForwardTarget | undefined;
}

/** Resolves once everybody who takes such events has accepted it; throws a WebhookError or OverloadedError. */
export type Forwarder = (event: RbmEvent, raw: RawEvent) => Promise<void>;

/**
 * Passes events on, to the handler first and then to the URL. Nothing is kept here: their failure becomes our answer, and
 * RBM's redelivery is the retry.
 */
export function createForwarder({ onEvent, forward }: ForwarderOptions, edge: Edge): Forwarder {
  const { metrics, limits } = edge;
  if (forward !== undefined) assertUsable(forward.url);
  const gate = createGate(limits.forwardsInFlight, { length: limits.forwardsWaiting, waitMs: limits.forwardWaitMs });
  // Given up on after a while, but counted until it ends.
  const handlers = createGate(limits.forwardsInFlight);

  return async (event, raw) => {
    if (onEvent === undefined && forward === undefined) {
      metrics.forwarded('noTaker');
      return;
    }
    try {
      await gate(async () => {
        if (onEvent !== undefined) await handle(() => handlers(async () => onEvent(event, raw)), event, edge);
        if (forward !== undefined) await post(forward, raw);
      });
      metrics.forwarded('forwarded');
    } catch (error) {
      metrics.forwarded(verdictOf(error));
      throw error;
    }
  };
}

/** Throws a TypeError that does not repeat the URL, which may hold a secret. */
function assertUsable(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const usable = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username + parsed.password === '';
  if (!usable) throw new TypeError('forward.url must be an http or https URL without credentials');
}

async function handle(call: () => Promise<void>, { kind }: RbmEvent, { limits, log }: Edge): Promise<void> {
  try {
    await within(call(), limits.handlerTimeoutMs);
  } catch (error) {
    if (error instanceof OverloadedError) throw error;
    // The error is the embedder's own: its message may hold what the user wrote.
    log.warn({ kind, tookTooLong: error instanceof TookTooLongError }, 'onEvent failed');
    throw new WebhookError('FORWARD_UNAVAILABLE');
  }
}

/** One request with the original bytes. A redirect is not followed: it would carry the event to an unknown place. */
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
  // The status is the answer; its body is nothing to us.
  response.body?.cancel().catch(() => undefined);
  if (!response.ok) throw new WebhookError('FORWARD_REFUSED', isError(response.status) ? response.status : undefined);
}

/** What may be answered: a target can say 999 as well, or redirect. */
const isError = (status: number) => status >= 400 && status <= 599;

function verdictOf(error: unknown): 'refused' | 'unavailable' | 'overloaded' {
  if (error instanceof OverloadedError) return 'overloaded';
  return error instanceof WebhookError && error.code === 'FORWARD_REFUSED' ? 'refused' : 'unavailable';
}
